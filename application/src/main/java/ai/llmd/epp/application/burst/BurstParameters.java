package ai.llmd.epp.application.burst;

import java.util.List;

/**
 * How requests of a burst are brought together.
 *
 * @param windowDurationMs milliseconds that a batch waits for more requests, 1 to 10000
 * @param maxPerReplica requests of a batch for one endpoint; -1 is any number
 * @param blockSizeTokens tokens of one block, above 0
 * @param maxPrefixTokensToMatch tokens of a prompt that are looked at, at least a block; 0 is 2048
 *     blocks
 * @param minColocateBlocks leading blocks that prompts have to share to be brought together though
 *     they go on differently; 0 brings only equal prompts together
 * @param maxBatchSize requests of a batch; a request beyond goes without; -1 is 10000
 * @param balanceBy what an endpoint is to have no more of than others: {@code requests} or {@code
 *     tokens}
 */
public record BurstParameters(
    int windowDurationMs,
    int maxPerReplica,
    int blockSizeTokens,
    int maxPrefixTokensToMatch,
    int minColocateBlocks,
    int maxBatchSize,
    String balanceBy) {

  static final BurstParameters DEFAULT = new BurstParameters(100, -1, 64, 0, 0, 1000, "requests");

  private static final int MAX_WINDOW_MS = 10_000;
  private static final int MAX_BATCH = 10_000;
  private static final int DEFAULT_BLOCKS = 2048;

  public BurstParameters {
    require(
        windowDurationMs >= 1 && windowDurationMs <= MAX_WINDOW_MS,
        "windowDurationMs must be from 1 to 10000, was " + windowDurationMs);
    require(
        maxPerReplica == -1 || maxPerReplica >= 1,
        "maxPerReplica must be -1 or at least 1, was " + maxPerReplica);
    require(blockSizeTokens > 0, "blockSizeTokens must be above 0, was " + blockSizeTokens);
    require(
        maxPrefixTokensToMatch == 0 || maxPrefixTokensToMatch >= blockSizeTokens,
        "maxPrefixTokensToMatch must be 0 or at least blockSizeTokens, was "
            + maxPrefixTokensToMatch);
    require(
        minColocateBlocks >= 0, "minColocateBlocks must be 0 or more, was " + minColocateBlocks);
    require(
        maxBatchSize == -1 || maxBatchSize >= 1,
        "maxBatchSize must be -1 or at least 1, was " + maxBatchSize);
    require(
        List.of("requests", "tokens").contains(balanceBy),
        "balanceBy must be requests or tokens, was " + balanceBy);
  }

  private static void require(boolean isMet, String message) {
    if (!isMet) {
      throw new IllegalArgumentException(message);
    }
  }

  int maxBlocks() {
    return maxPrefixTokensToMatch == 0 ? DEFAULT_BLOCKS : maxPrefixTokensToMatch / blockSizeTokens;
  }

  int most() {
    return maxBatchSize == -1 ? MAX_BATCH : maxBatchSize;
  }

  int perReplica() {
    return maxPerReplica == -1 ? Integer.MAX_VALUE : maxPerReplica;
  }

  boolean isByTokens() {
    return "tokens".equals(balanceBy);
  }
}
