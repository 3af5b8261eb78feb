package ai.llmd.epp.simulator.transfer;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of prompts that were computed for other servers, each until it is fetched once. The oldest
 * are forgotten when they are too many or too old. One thread.
 */
final class HeldBlocks {

  private static final int MAX_PROMPTS = 4096;
  private static final long LONGEST_NANOS = 480_000_000_000L; // as vLLM keeps those of NIXL

  /**
   * Those of one prompt.
   *
   * @param prompt a hash of the model and all tokens
   */
  record Blocks(long prompt, int count, long sinceNanos) {}

  private final Map<String, Blocks> byKey = new LinkedHashMap<>();

  void keep(String key, Blocks blocks) {
    byKey.remove(key);
    byKey.put(key, blocks);
    Iterator<Blocks> oldest = byKey.values().iterator();
    while (oldest.hasNext() && isOver(oldest.next(), blocks.sinceNanos())) {
      oldest.remove();
    }
  }

  private boolean isOver(Blocks blocks, long nowNanos) {
    return byKey.size() > MAX_PROMPTS || nowNanos - blocks.sinceNanos() > LONGEST_NANOS;
  }

  @Nullable Blocks take(String key) {
    return byKey.remove(key);
  }

  int size() {
    return byKey.size();
  }
}
