package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.kvcache.KvStreamStatus;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.util.Arrays;
import java.util.Collection;
import java.util.function.ToIntFunction;

/**
 * Where prompts were sent to, for endpoints whose own reports are not trusted. One thread writes,
 * any reads.
 */
final class RoutedPrefixes {

  private static final int MAX_BLOCKS_OF_ENDPOINT = 1 << 16;
  private static final long MAX_BYTES = 64L << 20;
  private static final long MIN_BYTES = 1L << 20;
  private static final int HEAP_SHARE = 32;

  private final PrefixCacheIndex index;
  private final int blockTokens;
  private long[] timesEmptied = new long[0]; // by slot, as far as it was followed

  /**
   * @param seed of where blocks are kept; a secret, as requests choose keys
   */
  RoutedPrefixes(int blockTokens, long seed) {
    long share = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
    this.index = new PrefixCacheIndex(Math.clamp(share, MIN_BYTES, MAX_BYTES), seed);
    this.blockTokens = blockTokens;
  }

  /** Notes that an endpoint got prompts. */
  void record(int slot, PromptKeys keys) {
    index.record(slot, blocks(keys), MAX_BLOCKS_OF_ENDPOINT);
  }

  /** Forgets what an endpoint got. */
  void forget(int slot) {
    index.forget(slot);
  }

  /**
   * Forgets what endpoints got whose engine began again or emptied its cache since the last call.
   * Where messages are only missing, what was sent there is the best that is known.
   *
   * @param slots of the endpoints by the names in the statuses; negative for none
   */
  void follow(Collection<KvStreamStatus> statuses, ToIntFunction<String> slots) {
    for (KvStreamStatus status : statuses) {
      int slot = slots.applyAsInt(status.endpoint());
      if (slot >= 0) {
        emptied(slot, status.restarts() + status.clears());
      }
    }
  }

  private void emptied(int slot, long times) {
    if (slot >= timesEmptied.length) {
      timesEmptied = Arrays.copyOf(timesEmptied, 2 * slot + 1);
    }
    if (times != timesEmptied[slot]) {
      timesEmptied[slot] = times;
      forget(slot);
    }
  }

  /** Blocks of prompts that each endpoint got, by slot. Any thread; never waits. */
  int[] match(PromptKeys keys, int slots) {
    int[] matched = new int[slots];
    index.match(blocks(keys), matched);
    return matched;
  }

  private PrefixBlocks blocks(PromptKeys keys) {
    return new PrefixBlocks(keys.keys(), keys.ends(), blockTokens);
  }
}
