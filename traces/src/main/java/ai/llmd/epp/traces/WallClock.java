package ai.llmd.epp.traces;

import java.time.Instant;

/** Makes of a monotonic clock's times those that spans show. */
public final class WallClock {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private WallClock() {}

  /**
   * What to add to times of the clock for nanoseconds since 1970. All times of a trace take the
   * same, so that they keep their distances when the machine's clock is set.
   *
   * @param nanoTime of the clock, now
   */
  public static long offset(long nanoTime) {
    Instant now = Instant.now();
    return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - nanoTime;
  }
}
