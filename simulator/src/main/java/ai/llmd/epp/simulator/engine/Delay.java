package ai.llmd.epp.simulator.engine;

import java.time.Duration;

/**
 * A latency with Gaussian jitter.
 *
 * @param mean 0 or more
 * @param deviation standard deviation, 0 up to 30 % of the mean
 */
public record Delay(Duration mean, Duration deviation) {

  public static final Delay NONE = new Delay(Duration.ZERO, Duration.ZERO);

  public Delay {
    if (mean.isNegative() || deviation.isNegative()) {
      throw new IllegalArgumentException("must not be negative");
    }
    if (deviation.toNanos() > mean.toNanos() * 0.3) {
      throw new IllegalArgumentException(
          "the standard deviation (%d ns) must be at most 30%% of the mean (%d ns)"
              .formatted(deviation.toNanos(), mean.toNanos()));
    }
  }

  boolean isNone() {
    return mean.isZero();
  }
}
