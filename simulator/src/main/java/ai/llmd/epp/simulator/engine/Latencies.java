package ai.llmd.epp.simulator.engine;

import java.time.Duration;

/**
 * The latencies of the reference simulator, as configured. {@link LatencyModel} describes what they
 * mean.
 *
 * @param firstToken {@code --time-to-first-token}
 * @param interToken {@code --inter-token-latency}
 * @param transfer {@code --kv-cache-transfer-latency}
 * @param prefillOverhead {@code --prefill-overhead}
 * @param prefillPerToken {@code --prefill-time-per-token}
 * @param prefillDeviation {@code --prefill-time-std-dev}
 * @param transferPerToken {@code --kv-cache-transfer-time-per-token}
 * @param transferDeviation {@code --kv-cache-transfer-time-std-dev}
 * @param factorUnderLoad slow-down when all slots run, 1 or more ({@code --time-factor-under-load})
 * @param calculator which of them apply ({@code --latency-calculator})
 * @param truncatesToMillis cuts every delay to whole milliseconds as the reference does
 */
public record Latencies(
    Delay firstToken,
    Delay interToken,
    Delay transfer,
    Duration prefillOverhead,
    Duration prefillPerToken,
    Duration prefillDeviation,
    Duration transferPerToken,
    Duration transferDeviation,
    double factorUnderLoad,
    Calculator calculator,
    boolean truncatesToMillis) {

  /** Every delay is zero. */
  public static final Latencies ZERO =
      new Latencies(
          Delay.NONE,
          Delay.NONE,
          Delay.NONE,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          1,
          Calculator.EITHER,
          false);

  /** How the time to the first token is computed. */
  public enum Calculator {
    /** The constant when it is set, otherwise per token. */
    EITHER,
    CONSTANT,
    PER_TOKEN
  }

  public Latencies {
    notNegative("prefill-overhead", prefillOverhead);
    notNegative("prefill-time-per-token", prefillPerToken);
    notNegative("prefill-time-std-dev", prefillDeviation);
    notNegative("kv-cache-transfer-time-per-token", transferPerToken);
    notNegative("kv-cache-transfer-time-std-dev", transferDeviation);
    if (!(factorUnderLoad >= 1) || Double.isInfinite(factorUnderLoad)) {
      throw new IllegalArgumentException(
          "time-factor-under-load must be 1 or more, was " + factorUnderLoad);
    }
  }

  private static void notNegative(String flag, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(flag + " must not be negative");
    }
  }
}
