package ai.llmd.epp.simulator.engine;

/**
 * The full blocks of a token sequence as hashes, each over its own tokens and all before it. An
 * incomplete block at the end has no hash.
 */
final class TokenBlocks {

  private static final long[] NONE = {};
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private TokenBlocks() {}

  static long[] of(String model, long seed, int blockTokens, int[] tokens) {
    return of(model, seed, blockTokens, tokens, new int[0]);
  }

  /** Of two runs of tokens, one behind the other. */
  static long[] of(String model, long seed, int blockTokens, int[] head, int[] tail) {
    int blocks = (int) (((long) head.length + tail.length) / blockTokens);
    if (blocks == 0) {
      return NONE;
    }
    long[] chain = new long[blocks];
    long hash = mix(seed ^ model.hashCode() * GOLDEN);
    for (int block = 0, at = 0; block < blocks; block++) {
      for (int end = at + blockTokens; at < end; at++) {
        int token = at < head.length ? head[at] : tail[at - head.length];
        hash = (hash ^ token) * GOLDEN;
        hash ^= hash >>> 32; // or high bits would never reach low ones within a block
      }
      hash = mix(hash);
      chain[block] = hash;
    }
    return chain;
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
  private static long mix(long hash) {
    hash = (hash ^ (hash >>> 30)) * 0xBF58476D1CE4E5B9L;
    hash = (hash ^ (hash >>> 27)) * 0x94D049BB133111EBL;
    return hash ^ (hash >>> 31);
  }
}
