package ai.llmd.epp.domain.flow;

/**
 * All requests that wait, by the time at which they are given up. How long each may wait depends on
 * whether the pool has endpoints, and counts anew when that changes. Used by one thread at a time.
 */
final class Expiry extends IndexedHeap<QueuedRequest> {

  private long noEndpointTtlNanos;
  private boolean isPoolEmpty;
  private long poolChangedAt;

  /**
   * @param noEndpointTtlNanos how long requests may wait in a pool without endpoints; 0 is without
   *     a limit
   */
  Expiry(long noEndpointTtlNanos) {
    this.noEndpointTtlNanos = noEndpointTtlNanos;
  }

  /** From now on requests may wait so long in a pool without endpoints; so may those that do. */
  void use(long nextNoEndpointTtlNanos) {
    noEndpointTtlNanos = nextNoEndpointTtlNanos;
    expireAnew();
  }

  /** Notes whether the pool has endpoints. A change restarts the time that requests may wait. */
  void observePool(boolean isEmpty, long now) {
    if (isEmpty == isPoolEmpty) {
      return;
    }
    isPoolEmpty = isEmpty;
    poolChangedAt = now;
    expireAnew();
  }

  private void expireAnew() {
    forEach(this::schedule);
    reorder();
  }

  /** A request has been queued. */
  void put(QueuedRequest request) {
    schedule(request);
    add(request);
  }

  private void schedule(QueuedRequest request) {
    request.expire(poolChangedAt, isPoolEmpty ? noEndpointTtlNanos : request.ttl());
  }

  /**
   * Why a request expires now.
   *
   * @return {@link FlowOutcome#EVICTED_TTL} or {@link FlowOutcome#EVICTED_NO_ENDPOINTS}
   */
  FlowOutcome outcome(QueuedRequest request, long now) {
    long budget = noEndpointTtlNanos;
    boolean isForEndpoints =
        isPoolEmpty
            && budget > 0
            && now >= QueuedRequest.plus(Math.max(request.enqueuedAt(), poolChangedAt), budget);
    return isForEndpoints ? FlowOutcome.EVICTED_NO_ENDPOINTS : FlowOutcome.EVICTED_TTL;
  }

  @Override
  protected int compare(QueuedRequest first, QueuedRequest second) {
    return Long.compare(first.expiresAt(), second.expiresAt());
  }

  @Override
  protected int place(QueuedRequest request) {
    return request.placeByExpiry;
  }

  @Override
  protected void note(QueuedRequest request, int place) {
    request.placeByExpiry = place;
  }
}
