package ai.llmd.epp.simulator.engine;

/**
 * How much an engine can hold. Names of the flags in brackets.
 *
 * @param maxRunning sequences that run at once, 1 or more ({@code --max-num-seqs})
 * @param maxWaiting sequences that wait, 0 or more ({@code --max-waiting-queue-length})
 * @param maxAdapters LoRA adapters loaded at once, 1 or more ({@code --max-loras})
 * @param cacheBlocks KV-cache blocks, 1 or more ({@code --kv-cache-size})
 * @param blockTokens tokens of one block, 1 or more ({@code --block-size})
 * @param cachesPrefixes whether prompts leave blocks behind that later prompts can use; if not,
 *     blocks are not counted either ({@code --enable-kvcache})
 * @param cachesGenerated whether generated tokens leave blocks behind too ({@code
 *     --cache-generated})
 * @param hashSeed separates the block hashes of different simulators ({@code --hash-seed})
 */
public record Capacity(
    int maxRunning,
    int maxWaiting,
    int maxAdapters,
    int cacheBlocks,
    int blockTokens,
    boolean cachesPrefixes,
    boolean cachesGenerated,
    long hashSeed) {

  public Capacity {
    atLeast("max-num-seqs", maxRunning, 1);
    atLeast("max-waiting-queue-length", maxWaiting, 0);
    atLeast("max-loras", maxAdapters, 1);
    atLeast("kv-cache-size", cacheBlocks, 1);
    atLeast("block-size", blockTokens, 1);
  }

  private static void atLeast(String flag, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(flag + " must be " + least + " or more, was " + value);
    }
  }
}
