package ai.llmd.epp.domain.pool;

import java.util.function.UnaryOperator;

/**
 * What is known of one endpoint now.
 *
 * <p>One volatile reference to an immutable {@link Candidate}: readers on any thread see one sample
 * or the next, never a mixture. Writers (the scraper, the pool) are serialised by this object.
 */
public final class EndpointState {

  private final int slot;
  private final long incarnation;
  private volatile Candidate current;

  /**
   * @param slot place in every per-endpoint array, 0 or more
   * @param incarnation distinguishes this endpoint from an earlier holder of the slot
   */
  public EndpointState(int slot, long incarnation, Endpoint endpoint) {
    this(slot, incarnation, endpoint, EndpointLoad.UNSAMPLED);
  }

  /**
   * @param slot place in every per-endpoint array, 0 or more
   * @param incarnation distinguishes this endpoint from an earlier holder of the slot
   * @param unsampled its load until the first sample arrives
   */
  public EndpointState(int slot, long incarnation, Endpoint endpoint, EndpointLoad unsampled) {
    this.slot = slot;
    this.incarnation = incarnation;
    this.current = new Candidate(slot, endpoint, unsampled);
  }

  public int slot() {
    return slot;
  }

  public long incarnation() {
    return incarnation;
  }

  /** The endpoint and its load as of now; never waits. */
  public Candidate current() {
    return current;
  }

  public Endpoint endpoint() {
    return current.endpoint();
  }

  public EndpointLoad load() {
    return current.load();
  }

  /** Replaces the load sample by one computed from the previous one. */
  public synchronized void publish(UnaryOperator<EndpointLoad> next) {
    Candidate before = current;
    current = new Candidate(slot, before.endpoint(), next.apply(before.load()));
  }

  /** Replaces the description; load and slot stay. */
  public synchronized void describe(Endpoint endpoint) {
    current = new Candidate(slot, endpoint, current.load());
  }
}
