package ai.llmd.epp.domain.kvcache;

import ai.llmd.epp.domain.facts.TokenizedPrompt.Feature;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/** Which texts separate the blocks of a prompt: its media, and its cache salt. */
public final class PromptExtras {

  private PromptExtras() {}

  /**
   * The lists of all full blocks. A block lists the media that lie in it, at least in part, in the
   * order of their first token; the first block also lists the salt, last.
   *
   * @param blocks full blocks of the prompt
   */
  public static BlockExtras of(
      List<Feature> features, String cacheSalt, int blocks, int blockTokens) {
    BlockExtras extras = new BlockExtras().reset(blocks);
    Feature[] ordered = features.toArray(Feature[]::new);
    Arrays.sort(ordered, Comparator.comparingInt(Feature::offset));
    int from = 0;
    for (int block = 0; block < blocks && (from < ordered.length || block == 0); block++) {
      long start = (long) block * blockTokens;
      long end = start + blockTokens;
      for (int i = from; i < ordered.length && ordered[i].offset() < end; i++) {
        if ((long) ordered[i].offset() + ordered[i].length() > start) {
          extras.add(block, ordered[i].hash());
        } else if (i == from) {
          from++; // lies before this block and all later ones
        }
      }
      if (block == 0 && !cacheSalt.isEmpty()) {
        extras.add(0, cacheSalt);
      }
    }
    return extras;
  }

  /**
   * Blocks that contain a token of a medium, ascending; those beyond the last full block are among
   * them.
   */
  public static int[] mediaBlocks(List<Feature> features, int blockTokens) {
    BitSet blocks = new BitSet();
    for (Feature feature : features) {
      if (feature.length() > 0) {
        long last = (long) feature.offset() + feature.length() - 1;
        blocks.set(feature.offset() / blockTokens, (int) (last / blockTokens) + 1);
      }
    }
    return blocks.stream().toArray();
  }
}
