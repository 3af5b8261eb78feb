package ai.llmd.epp.domain.flow.eviction;

import ai.llmd.epp.domain.flow.IndexedHeap;
import ai.llmd.epp.domain.routing.Evicted;

/** A request that a model server works on, as far as eviction needs to know it. */
public final class RunningRequest {

  private final String requestId;
  private final int priority;
  private final long dispatchedAt;
  private final Evicted evicted;
  private final Runnable eviction;
  int place = IndexedHeap.ABSENT;

  /**
   * @param priority its own, not that of the band it went through
   * @param dispatchedAt nanoseconds since some start
   * @param evicted is told for whom it is evicted
   * @param eviction ends the request; called once at most, on the thread that reclaims
   */
  public RunningRequest(
      String requestId, int priority, long dispatchedAt, Evicted evicted, Runnable eviction) {
    this.requestId = requestId;
    this.priority = priority;
    this.dispatchedAt = dispatchedAt;
    this.evicted = evicted;
    this.eviction = eviction;
  }

  public String requestId() {
    return requestId;
  }

  public int priority() {
    return priority;
  }

  public long dispatchedAt() {
    return dispatchedAt;
  }

  /** For whom it is evicted. */
  public Evicted evicted() {
    return evicted;
  }

  /** Ends the request: its client gets an error. */
  public void evict() {
    eviction.run();
  }
}
