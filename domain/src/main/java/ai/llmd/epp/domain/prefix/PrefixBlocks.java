package ai.llmd.epp.domain.prefix;

/**
 * A request's prompts as chains of block hashes.
 *
 * @param hashes all chains, one behind the other; not copied
 * @param ends for each chain the index behind its last hash; chains are never empty; not copied
 * @param blockTokens tokens of one block
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and too long to copy per request
public record PrefixBlocks(long[] hashes, int[] ends, int blockTokens) {

  /** Number of chains. */
  public int chains() {
    return ends.length;
  }

  /** Index of a chain's first hash. */
  public int start(int chain) {
    return chain == 0 ? 0 : ends[chain - 1];
  }

  /** Blocks over all chains. */
  public int totalBlocks() {
    return hashes.length;
  }
}
