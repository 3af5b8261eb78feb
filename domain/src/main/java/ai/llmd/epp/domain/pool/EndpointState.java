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
  private boolean isDoubted; // guarded by this

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
    EndpointLoad load = next.apply(before.load());
    current = new Candidate(slot, before.endpoint(), isDoubted ? load.doubted() : load);
  }

  /**
   * Whether the figures of load that the server reports cannot be right: while they cannot, queue,
   * running requests and cache use count as not known, however often they are reported.
   */
  public synchronized void doubt(boolean cannotBeRight) {
    isDoubted = cannotBeRight;
    Candidate before = current;
    EndpointLoad load = cannotBeRight ? before.load().doubted() : before.load().believed();
    current = new Candidate(slot, before.endpoint(), load);
  }

  /**
   * Forgets what was read before a time, unless there is a newer sample.
   *
   * @param seen what the caller has found too old
   * @return the endpoint and its load as of now
   */
  @SuppressWarnings("ReferenceEquality") // a newer sample is another object
  synchronized Candidate forget(Candidate seen, long limitNanos) {
    if (current == seen) {
      current = new Candidate(slot, seen.endpoint(), seen.load().withoutOlderThan(limitNanos));
    }
    return current;
  }

  /** Replaces the description; load and slot stay. */
  public synchronized void describe(Endpoint endpoint) {
    current = new Candidate(slot, endpoint, current.load());
  }
}
