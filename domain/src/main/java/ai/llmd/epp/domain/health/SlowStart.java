package ai.llmd.epp.domain.health;

import java.util.concurrent.TimeUnit;

/**
 * How much an endpoint may hold in flight that has just joined others, or has come back to them. It
 * reports no load at first and holds no prefix, so that every scorer of load would send all at once
 * there; within the limit they may.
 */
public final class SlowStart {

  /** How long it lasts. */
  public static final long NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final double FIRST_SHARE = 0.25;
  private static final double LAST_SHARE = 1.25;

  private SlowStart() {}

  /**
   * Requests in flight at most: 1 at least, and a share of the others' mean that grows evenly from
   * a quarter to five quarters.
   *
   * @param meanInFlight of the endpoints that are no longer starting
   * @param sinceNanos since it joined, 0 or more
   */
  public static int maxInFlight(double meanInFlight, long sinceNanos) {
    double way = Math.min(1, (double) sinceNanos / NANOS);
    double share = FIRST_SHARE + way * (LAST_SHARE - FIRST_SHARE);
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, meanInFlight * share));
  }
}
