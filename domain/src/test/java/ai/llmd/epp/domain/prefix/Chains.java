package ai.llmd.epp.domain.prefix;

import java.util.Arrays;

/** Chains of made-up block hashes. */
final class Chains {

  private Chains() {}

  static PrefixBlocks chain(long... hashes) {
    return chains(hashes);
  }

  static PrefixBlocks chains(long[]... chains) {
    int[] ends = new int[chains.length];
    int end = 0;
    for (int i = 0; i < chains.length; i++) {
      end += chains[i].length;
      ends[i] = end;
    }
    return new PrefixBlocks(
        Arrays.stream(chains).flatMapToLong(Arrays::stream).toArray(), ends, 64);
  }

  /** As evenly spread as real hashes: the index relies on that. */
  static long hash(long number) {
    return XxHash64.hash(number, 0, 0);
  }

  /** A chain of blocks that no other number's chain has. */
  static PrefixBlocks ofPrompt(long number, int length) {
    long[] hashes = new long[length];
    for (int i = 0; i < length; i++) {
      hashes[i] = XxHash64.hash(number, i, 0);
    }
    return chain(hashes);
  }
}
