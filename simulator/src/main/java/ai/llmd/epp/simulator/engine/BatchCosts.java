package ai.llmd.epp.simulator.engine;

import java.time.Duration;

/**
 * What one iteration of a batching engine costs: {@code perIteration + perPrefillToken * tokens +
 * perDecoder * decoders}.
 *
 * @param perIteration overhead of every iteration, more than 0
 * @param perPrefillToken one uncached prompt token, 0 or more
 * @param perDecoder one sequence that generates a token, 0 or more
 * @param maxPrefillTokens prompt tokens that one iteration computes at most, 1 or more
 */
public record BatchCosts(
    Duration perIteration, Duration perPrefillToken, Duration perDecoder, int maxPrefillTokens) {

  public BatchCosts {
    if (!perIteration.isPositive()) {
      throw new IllegalArgumentException("batch-iteration-time must be more than 0");
    }
    if (perPrefillToken.isNegative() || perDecoder.isNegative()) {
      throw new IllegalArgumentException("batch times must not be negative");
    }
    if (maxPrefillTokens < 1) {
      throw new IllegalArgumentException(
          "max-num-batched-tokens must be 1 or more, was " + maxPrefillTokens);
    }
  }

  long iterationNanos(int prefillTokens, int decoders) {
    return perIteration.toNanos()
        + prefillTokens * perPrefillToken.toNanos()
        + decoders * perDecoder.toNanos();
  }
}
