package ai.llmd.epp.domain.prefix;

/** TODO structure comment. */
public final class PrefixCacheIndex {

  /**
   * @param maxBytes hard bound on the memory of all tables, in bytes
   */
  public PrefixCacheIndex(long maxBytes) {
    throw new UnsupportedOperationException();
  }

  /**
   * Walks each chain from its first block until a block that nobody holds, and adds one to {@code
   * matchedBySlot} for every endpoint that holds the block walked over. Any thread; never waits.
   *
   * @param matchedBySlot added to; slots beyond its length are ignored
   */
  public void match(PrefixBlocks blocks, int[] matchedBySlot) {
    throw new UnsupportedOperationException();
  }

  /**
   * Notes that an endpoint now holds all blocks. Writer thread only.
   *
   * @param capacity blocks that the endpoint may hold; fixed when the endpoint is first recorded
   */
  public void record(int slot, PrefixBlocks blocks, int capacity) {
    throw new UnsupportedOperationException();
  }

  /** Forgets everything about a slot, which may then serve another endpoint. Writer thread only. */
  public void forget(int slot) {
    throw new UnsupportedOperationException();
  }

  /** Blocks remembered for a slot. Any thread. */
  public int blocks(int slot) {
    throw new UnsupportedOperationException();
  }

  /** Distinct blocks remembered. Any thread. */
  public long entries() {
    throw new UnsupportedOperationException();
  }

  /** Bytes in use, at most the bound. Any thread. */
  public long bytes() {
    throw new UnsupportedOperationException();
  }
}
