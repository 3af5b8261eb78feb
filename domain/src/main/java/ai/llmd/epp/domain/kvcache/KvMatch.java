package ai.llmd.epp.domain.kvcache;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a walk over the index found: for each slot, how many blocks from the first on it holds
 * without a gap, and what they are worth. Sums over the chains that were walked.
 *
 * <p>Belongs to one thread, which uses it again and again: a walk allocates nothing.
 */
public final class KvMatch {

  private final int slots;
  final int words;

  final int[] alive;
  final int[] fractional; // slots whose worth so far is not just the number of their blocks
  final double[] chainScore;
  final int[][] tierAlive = new int[KvLocations.MAX_TIERS][];
  final int[] usedTiers = new int[KvLocations.MAX_TIERS];
  int usedTierCount;

  /** A set of holders that is no row of bits, as one. */
  final int[] scratch;

  final int[] listed = new int[HolderSets.MAX_LISTED];

  // of the sections of the row at hand
  int[] sectionTier = new int[HolderSets.MAX_LISTED];
  double[] sectionWeight = new double[HolderSets.MAX_LISTED];

  private final int[] blocks;
  private final double[] scores;
  private final int[][] tierBlocks = new int[KvLocations.MAX_TIERS][];
  private int longest;

  /**
   * @param slots slots 0 to {@code slots - 1} are looked at, others ignored
   */
  public KvMatch(int slots) {
    this.slots = slots;
    this.words = (slots + 31) >>> 5;
    this.alive = new int[words];
    this.fractional = new int[words];
    this.chainScore = new double[words << 5];
    this.scratch = new int[1 + HolderSets.MAX_LISTED * (words + 1)];
    this.blocks = new int[words << 5];
    this.scores = new double[words << 5];
    for (int tier = 0; tier < KvLocations.MAX_TIERS; tier++) {
      tierAlive[tier] = new int[words];
      tierBlocks[tier] = new int[words << 5];
    }
  }

  /** Slots that are looked at. */
  public int slots() {
    return slots;
  }

  /** Forgets what was found. */
  public void reset() {
    Arrays.fill(blocks, 0);
    Arrays.fill(scores, 0);
    for (int i = 0; i < usedTierCount; i++) {
      Arrays.fill(tierBlocks[usedTiers[i]], 0);
      Arrays.fill(tierAlive[usedTiers[i]], 0);
    }
    usedTierCount = 0;
    longest = 0;
  }

  /** Blocks that a slot holds from the first on, in whatever tier. */
  public int blocks(int slot) {
    return blocks[slot];
  }

  /** What they are worth: the sum of the weights of their tiers, the best for each block. */
  public double score(int slot) {
    return scores[slot];
  }

  /** Blocks that a slot holds from the first on in one tier. */
  public int tierBlocks(int slot, int tier) {
    return tierBlocks[tier][slot];
  }

  /** Blocks by tier, for the tiers that hold the first one. Allocates. */
  public Map<String, Integer> blocksByTier(int slot, KvLocations locations) {
    Map<String, Integer> byTier = new TreeMap<>();
    for (int tier = 0; tier < locations.tiers().size(); tier++) {
      if (tierBlocks[tier][slot] > 0) {
        byTier.put(locations.tiers().get(tier), tierBlocks[tier][slot]);
      }
    }
    return byTier;
  }

  /** The longest chain of one slot in the latest walk. */
  public int longest() {
    return longest;
  }

  void beginChain() {
    longest = 0;
    Arrays.fill(alive, -1);
    if ((slots & 31) != 0) {
      alive[words - 1] = (1 << slots) - 1;
    }
    Arrays.fill(fractional, 0);
    for (int i = 0; i < usedTierCount; i++) {
      Arrays.fill(tierAlive[usedTiers[i]], 0);
    }
  }

  void useTier(int tier) {
    for (int i = 0; i < usedTierCount; i++) {
      if (usedTiers[i] == tier) {
        return;
      }
    }
    usedTiers[usedTierCount++] = tier;
  }

  /** These slots hold so many blocks of the chain and no more. */
  void end(int word, int bits, int held) {
    if (held > longest) {
      longest = held;
    }
    for (int left = bits; left != 0; left &= left - 1) {
      int slot = word << 5 | Integer.numberOfTrailingZeros(left);
      blocks[slot] += held;
      scores[slot] += (fractional[word] >>> slot & 1) == 0 ? held : chainScore[slot];
    }
  }

  void endTier(int tier, int word, int bits, int held) {
    int[] ofTier = tierBlocks[tier];
    for (int left = bits; left != 0; left &= left - 1) {
      ofTier[word << 5 | Integer.numberOfTrailingZeros(left)] += held;
    }
  }
}
