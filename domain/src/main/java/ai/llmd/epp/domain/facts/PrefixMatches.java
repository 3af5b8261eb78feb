package ai.llmd.epp.domain.facts;

import java.util.Arrays;

/**
 * How much of a prompt each endpoint holds in its prefix cache, by slot.
 *
 * <p>Data key {@code PrefixCacheMatchInfoDataKey/<producer>}. Arrays are not copied: the producer
 * hands them over and forgets them.
 */
public final class PrefixMatches {

  private static final String DATA_TYPE = "PrefixCacheMatchInfoDataKey";

  /** The producer that is read when a plugin's parameters name none. */
  public static final String DEFAULT_PRODUCER = "approx-prefix-cache-producer";

  private final int[] matchedBlocks;
  private final int[] totalBlocks;
  private final int[] blockTokens;
  private final int[] cachedBlocks;

  /**
   * @param matchedBlocks blocks that count for scoring, by slot
   * @param totalBlocks blocks of the whole prompt, by slot; -1 where nothing is known
   * @param blockTokens tokens of one block, by slot
   * @param cachedBlocks leading blocks held in any tier, unweighted; may exceed the matched ones
   */
  public PrefixMatches(
      int[] matchedBlocks, int[] totalBlocks, int[] blockTokens, int[] cachedBlocks) {
    this.matchedBlocks = matchedBlocks;
    this.totalBlocks = totalBlocks;
    this.blockTokens = blockTokens;
    this.cachedBlocks = cachedBlocks;
  }

  /** Matches of one prompt cut the same way for every endpoint: the usual case. */
  public static PrefixMatches uniform(int[] matchedBlocks, int totalBlocks, int blockTokens) {
    int[] totals = new int[matchedBlocks.length];
    int[] sizes = new int[matchedBlocks.length];
    Arrays.fill(totals, totalBlocks);
    Arrays.fill(sizes, blockTokens);
    return new PrefixMatches(matchedBlocks, totals, sizes, matchedBlocks);
  }

  public static FactKey<PrefixMatches> key(String producer) {
    return new FactKey<>(DATA_TYPE, producer, PrefixMatches.class);
  }

  /** The key that a parameter names; an empty name means the default producer. */
  public static FactKey<PrefixMatches> keyOrDefault(String producer) {
    return key(producer.isEmpty() ? DEFAULT_PRODUCER : producer);
  }

  public boolean isKnown(int slot) {
    return slot < totalBlocks.length && totalBlocks[slot] >= 0;
  }

  /** 0 where nothing is known. */
  public int matchedBlocks(int slot) {
    return isKnown(slot) ? matchedBlocks[slot] : 0;
  }

  /** 0 where nothing is known. */
  public int totalBlocks(int slot) {
    return isKnown(slot) ? totalBlocks[slot] : 0;
  }

  /** 0 where nothing is known. */
  public int blockTokens(int slot) {
    return isKnown(slot) ? blockTokens[slot] : 0;
  }

  /** 0 where nothing is known. */
  public int cachedBlocks(int slot) {
    return isKnown(slot) ? cachedBlocks[slot] : 0;
  }
}
