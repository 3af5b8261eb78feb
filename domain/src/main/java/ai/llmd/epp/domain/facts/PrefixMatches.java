package ai.llmd.epp.domain.facts;

import java.util.Arrays;

/**
 * How much of a prompt each endpoint holds in its prefix cache, by slot.
 *
 * <p>Data key {@code PrefixCacheMatchInfoDataKey/<producer>}. Arrays are not copied: the producer
 * hands them over and forgets them.
 */
public final class PrefixMatches {

  /** What is known of an endpoint's cache, and from where. */
  public enum Basis {
    /** Where prompts were sent to. */
    ROUTED,
    /** All that the endpoint has reported since its cache was empty. */
    COMPLETE,
    /** What the endpoint has reported; the rest may still come. */
    CATCHING_UP,
    /** What the endpoint has reported, of which part is missing for good. */
    INCOMPLETE
  }

  private static final Basis[] ALL_ROUTED = {};
  private static final String DATA_TYPE = "PrefixCacheMatchInfoDataKey";

  /** The producer that is read when a plugin's parameters name none. */
  public static final String DEFAULT_PRODUCER = "approx-prefix-cache-producer";

  private final int[] matchedBlocks;
  private final int[] totalBlocks;
  private final int[] blockTokens;
  private final int[] cachedBlocks;
  private final int[] fetchableBlocks;
  private final Basis[] bases;

  /**
   * @param matchedBlocks blocks that count for scoring, by slot
   * @param totalBlocks blocks of the whole prompt, by slot; -1 where nothing is known
   * @param blockTokens tokens of one block, by slot
   * @param cachedBlocks leading blocks held in any tier, unweighted; may exceed the matched ones
   */
  public PrefixMatches(
      int[] matchedBlocks, int[] totalBlocks, int[] blockTokens, int[] cachedBlocks) {
    this(matchedBlocks, totalBlocks, blockTokens, cachedBlocks, cachedBlocks);
  }

  /**
   * The same with tiers.
   *
   * @param fetchableBlocks leading blocks held in the memory of the host, from where another
   *     endpoint may fetch them
   */
  public PrefixMatches(
      int[] matchedBlocks,
      int[] totalBlocks,
      int[] blockTokens,
      int[] cachedBlocks,
      int[] fetchableBlocks) {
    this(matchedBlocks, totalBlocks, blockTokens, cachedBlocks, fetchableBlocks, ALL_ROUTED);
  }

  /**
   * The same, not all of which rest on where prompts were sent to.
   *
   * @param bases by slot; {@link Basis#ROUTED} where there is none
   */
  public PrefixMatches(
      int[] matchedBlocks,
      int[] totalBlocks,
      int[] blockTokens,
      int[] cachedBlocks,
      int[] fetchableBlocks,
      Basis[] bases) {
    this.bases = bases;
    this.matchedBlocks = matchedBlocks;
    this.totalBlocks = totalBlocks;
    this.blockTokens = blockTokens;
    this.cachedBlocks = cachedBlocks;
    this.fetchableBlocks = fetchableBlocks;
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

  /** What the match of an endpoint rests on. */
  public Basis basis(int slot) {
    return slot < bases.length ? bases[slot] : Basis.ROUTED;
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

  /**
   * Leading blocks that another endpoint may fetch: those in the memory of the host, or all that
   * are cached where tiers are not told apart. 0 where nothing is known.
   */
  public int fetchableBlocks(int slot) {
    return isKnown(slot) ? fetchableBlocks[slot] : 0;
  }
}
