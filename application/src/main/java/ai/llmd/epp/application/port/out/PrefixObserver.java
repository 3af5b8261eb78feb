package ai.llmd.epp.application.port.out;

import ai.llmd.epp.application.port.out.kvcache.KvCacheFigures;
import java.util.function.LongSupplier;

/** Receives prefix cache hits, to count them. Called from event loops: never blocks. */
public interface PrefixObserver {

  /** An observer that does not care; for tests. */
  PrefixObserver NONE = (producer, type, indexedBlocks) -> Hits.NONE;

  /**
   * A producer begins its work.
   *
   * @param producer instance name of the plugin
   * @param type reported type of the plugin
   * @param indexedBlocks blocks remembered at the moment, over all endpoints; any thread may ask
   */
  Hits producing(String producer, String type, LongSupplier indexedBlocks);

  /**
   * A producer follows the caches of model servers by their events.
   *
   * @param producer instance name of the plugin
   */
  default Lookups following(String producer, KvCacheFigures figures) {
    return Lookups.NONE;
  }

  /** A producer is gone, and its index with it; what was counted stays. */
  default void gone(String producer) {}

  /** What one producer looks up in its index. Any thread. */
  @FunctionalInterface
  interface Lookups {

    Lookups NONE = (longest, nanos) -> {};

    /**
     * A prompt was looked up.
     *
     * @param longest blocks from its first on that one endpoint holds without a gap
     * @param nanos how long that took
     */
    void looked(int longest, long nanos);
  }

  /** The requests of one producer. Any thread. */
  @FunctionalInterface
  interface Hits {

    Hits NONE = (matchedBlocks, totalBlocks, blockTokens) -> {};

    /**
     * A request was routed.
     *
     * @param matchedBlocks blocks of its prompts that the chosen endpoint was thought to hold
     * @param totalBlocks blocks of its prompts; 0 when it had no tokens
     * @param blockTokens tokens of one block
     */
    void hit(int matchedBlocks, int totalBlocks, int blockTokens);
  }
}
