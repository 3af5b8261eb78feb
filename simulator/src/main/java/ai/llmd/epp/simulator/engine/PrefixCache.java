package ai.llmd.epp.simulator.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * The KV cache of a server, as blocks that are present or not.
 *
 * <p>A block in use by a running sequence is pinned. When its last user ends it stays, in a list
 * ordered by age, and the oldest goes when a new block needs room. The blocks of one chain enter
 * that list from the last to the first, so that a child always leaves before its parent and no
 * chain ever has a hole. All operations cost one map access per block.
 */
final class PrefixCache {

  private final int capacity;
  private final LongConsumer removed;
  private final Map<Long, Block> blocks = new HashMap<>();
  private final Block unused =
      new Block(0); // head of a ring: newer is the oldest, older the newest
  private int pinned;

  /**
   * @param capacity most blocks, pinned or not
   */
  PrefixCache(int capacity) {
    this(capacity, block -> {});
  }

  /**
   * @param removed receives each block that had to leave
   */
  PrefixCache(int capacity, LongConsumer removed) {
    this.capacity = capacity;
    this.removed = removed;
  }

  /** Blocks in use by running sequences. */
  int pinned() {
    return pinned;
  }

  /** How many of the chain's first blocks are present, without a gap. */
  int leadingHits(long[] chain) {
    int hits = 0;
    while (hits < chain.length && isFound(chain[hits])) {
      hits++;
    }
    return hits;
  }

  private boolean isFound(long hash) {
    Block block = blocks.get(hash);
    return block != null && !block.isForgotten;
  }

  /** Forgets all blocks; those in use keep their room, and are found again once recomputed. */
  void clear() {
    while (unused.newer != unused) {
      Block oldest = unused.newer;
      oldest.unlink();
      blocks.remove(oldest.hash);
    }
    blocks.values().forEach(inUse -> inUse.isForgotten = true);
  }

  /** Whether {@link #pin} would find room beside what is pinned already. */
  boolean fits(long[] chain) {
    if (pinned + chain.length <= capacity) {
      return true;
    }
    int added = 0;
    for (long hash : chain) {
      Block block = blocks.get(hash);
      if (block == null || block.pins == 0) {
        added++;
      }
    }
    return pinned + added <= capacity;
  }

  /** Makes all blocks of a chain present until {@link #unpin}; the caller knows that it fits. */
  void pin(long[] chain) {
    for (long hash : chain) { // first what is here, so that making room does not evict it
      Block block = blocks.get(hash);
      if (block != null) {
        pin(block);
      }
    }
    for (long hash : chain) {
      if (!blocks.containsKey(hash)) {
        makeRoom();
        Block block = new Block(hash);
        blocks.put(hash, block);
        pin(block);
      }
    }
  }

  /** Ends one use of a chain. */
  void unpin(long[] chain) {
    for (int i = chain.length - 1; i >= 0; i--) {
      Block block = blocks.get(chain[i]);
      if (block == null || block.pins == 0) {
        throw new IllegalStateException("a block was unpinned that is not pinned");
      }
      if (--block.pins == 0) {
        pinned--;
        leaveUnused(block);
      }
    }
  }

  private void leaveUnused(Block block) {
    if (block.isForgotten) {
      blocks.remove(block.hash);
    } else {
      block.linkBefore(unused);
    }
  }

  private void pin(Block block) {
    block.isForgotten = false;
    if (block.pins++ == 0) {
      pinned++;
      block.unlink();
    }
  }

  private void makeRoom() {
    if (blocks.size() >= capacity) {
      Block oldest = unused.newer;
      if (oldest == unused) {
        throw new IllegalStateException("every block is pinned");
      }
      oldest.unlink();
      blocks.remove(oldest.hash);
      removed.accept(oldest.hash);
    }
  }

  private static final class Block {
    final long hash;
    int pins;
    boolean isForgotten; // while it is pinned
    Block older = this;
    Block newer = this;

    Block(long hash) {
      this.hash = hash;
    }

    void linkBefore(Block head) {
      older = head.older;
      newer = head;
      older.newer = this;
      head.older = this;
    }

    void unlink() {
      older.newer = newer;
      newer.older = older;
      older = this;
      newer = this;
    }
  }
}
