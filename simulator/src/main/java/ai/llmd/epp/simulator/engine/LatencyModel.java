package ai.llmd.epp.simulator.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The reference simulator's formulas for time, in nanoseconds.
 *
 * <pre>
 * load       = 1 + (factor - 1) * (running - 1) / (maxRunning - 1)
 * constant   : firstToken * load
 * per token  : prefillOverhead * load + (prompt - cached) * prefillPerToken * load
 * remote     : transfer, or prompt * transferPerToken; the load does not matter
 * next token : interToken * load
 * </pre>
 *
 * <p>Each result is drawn from a normal distribution and kept within 0.3 and 1.7 of its mean.
 */
public final class LatencyModel {

  private static final double LEAST_SHARE = 0.3;
  private static final double MAX_SHARE = 1.7;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final RandomGenerator random;
  private final int maxRunning;
  private Latencies latencies; // the engine's thread

  public LatencyModel(Latencies latencies, int maxRunning, RandomGenerator random) {
    this.latencies = latencies;
    this.maxRunning = maxRunning;
    this.random = random;
  }

  /** Uses other latencies from the next delay on. */
  public void use(Latencies latencies) {
    this.latencies = latencies;
  }

  /** From the start of the sequence to its first token. */
  long firstTokenNanos(int promptTokens, int cachedTokens, boolean hasRemotePrefill, int running) {
    return hasRemotePrefill
        ? transferNanos(promptTokens)
        : prefillNanos(promptTokens - cachedTokens, load(running));
  }

  /** Between two tokens of one sequence. */
  long interTokenNanos(int running) {
    return jittered(latencies.interToken(), load(running));
  }

  /** Moving the KV cache of a whole prompt here. */
  long transferNanos(int promptTokens) {
    boolean isConstant =
        switch (latencies.calculator()) {
          case CONSTANT -> true;
          case PER_TOKEN -> false;
          case EITHER -> !latencies.transfer().isNone();
        };
    return isConstant
        ? jittered(latencies.transfer(), 1)
        : jittered(
            (double) promptTokens * latencies.transferPerToken().toNanos(),
            latencies.transferDeviation());
  }

  private long prefillNanos(int uncachedTokens, double load) {
    boolean isConstant =
        switch (latencies.calculator()) {
          case CONSTANT -> true;
          case PER_TOKEN -> false;
          case EITHER -> !latencies.firstToken().isNone();
        };
    return isConstant
        ? jittered(latencies.firstToken(), load)
        : jittered(
            load
                * ((double) latencies.prefillOverhead().toNanos()
                    + (double) uncachedTokens * latencies.prefillPerToken().toNanos()),
            latencies.prefillDeviation());
  }

  private double load(int running) {
    return maxRunning <= 1
        ? 1
        : 1 + (latencies.factorUnderLoad() - 1) * (running - 1) / (maxRunning - 1);
  }

  private long jittered(Delay delay, double load) {
    return jittered((double) delay.mean().toNanos() * load, delay.deviation());
  }

  private long jittered(double mean, Duration deviation) {
    double nanos =
        deviation.isZero() || mean == 0
            ? mean
            : Math.clamp(
                random.nextGaussian(mean, (double) deviation.toNanos()),
                mean * LEAST_SHARE,
                mean * MAX_SHARE);
    long whole = (long) nanos;
    return latencies.truncatesToMillis() ? whole - whole % NANOS_PER_MILLI : whole;
  }
}
