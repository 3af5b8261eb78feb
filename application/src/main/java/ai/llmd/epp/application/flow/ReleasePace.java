package ai.llmd.epp.application.flow;

/**
 * Bounds how fast requests that waited for a first endpoint are sent, so that the first pods that
 * come are not given all of them before their load shows. It counts for a while after an empty pool
 * has got an endpoint. One thread at a time.
 */
final class ReleasePace {

  /** Requests that each endpoint is given in a second. */
  static final int PER_SECOND_AND_ENDPOINT = 100;

  /** How long after the first endpoint the pace counts. */
  static final long WARM_UP_NANOS = 10_000_000_000L;

  private static final double SECOND = 1e9;

  private boolean isPoolEmpty;
  private long bounded = Long.MIN_VALUE; // until then
  private long measuredAt;
  private double allowance;

  /** Notes the pool as it is. */
  void observePool(int endpoints, long now) {
    if (endpoints == 0) {
      isPoolEmpty = true;
      return;
    }
    if (isPoolEmpty) {
      isPoolEmpty = false;
      bounded = now + WARM_UP_NANOS;
      measuredAt = now;
      allowance = endpoints;
      return;
    }
    if (isBounded(now)) {
      double perSecond = (double) endpoints * PER_SECOND_AND_ENDPOINT;
      allowance = Math.min(perSecond, allowance + perSecond * (now - measuredAt) / SECOND);
      measuredAt = now;
    }
  }

  private boolean isBounded(long now) {
    return now < bounded;
  }

  /** Whether a request may be sent now. */
  boolean allows(long now) {
    return !isBounded(now) || allowance >= 1;
  }

  /** A request was sent. */
  void sent() {
    allowance = Math.max(0, allowance - 1);
  }
}
