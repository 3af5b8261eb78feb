package ai.llmd.epp.traces.otlp;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How an export is tried again, the same over both protocols: with growing pauses. */
final class Retries {

  static final int MAX_ATTEMPTS = 5;
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  static final Duration MAX_PAUSE = Duration.ofSeconds(5);
  static final double GROWTH = 1.5;

  private static final double LEAST_SHARE = 0.8; // programs that failed together come apart
  private static final double MOST_SHARE = 1.2;

  private Retries() {}

  /**
   * How long to wait before the next attempt.
   *
   * @param attempts made so far, 1 or more
   */
  static long pauseNanos(int attempts) {
    double pause =
        Math.min(
            (double) MAX_PAUSE.toNanos(), FIRST_PAUSE.toNanos() * Math.pow(GROWTH, attempts - 1.0));
    return (long) (pause * ThreadLocalRandom.current().nextDouble(LEAST_SHARE, MOST_SHARE));
  }
}
