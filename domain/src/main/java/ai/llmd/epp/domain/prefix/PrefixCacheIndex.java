package ai.llmd.epp.domain.prefix;

import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/*
 * The hot structure of prefix-aware routing: which endpoint holds which prefix block.
 *
 *   tables: 256 HolderTables, by the lowest byte of the key       block → endpoints, touched bits
 *   queues: one BlockQueue per endpoint                           endpoint → its blocks, by arrival
 *
 * An endpoint is among a block's holders exactly when the block is in its queue, once.
 *
 * A key is a hash that was mixed with a number of this process (KeyMixer); tables and queues know keys only.
 *
 * Cost. A block that up to four endpoints hold takes 16 bytes of table at a load of 0.6 to 0.75,
 * and 8.5 bytes in the queue of each holder: 30 to 36 bytes for a block and its endpoint, in a pool
 * of any size. From the fifth holder on it takes a bit for every slot twice over, as well.
 *
 * Growth. Tables grow one by one, by a quarter, so that neither the pause nor the memory needed
 * while old and new cells exist side by side is ever more than 1/100 of the whole. Queues grow by
 * chunks of 128 blocks. Everything is counted in one budget before it is allocated, old and new
 * cells both, so the bound is hard at every instant. (Not counted: some 100 bytes per endpoint.)
 *
 * Eviction. An endpoint at its capacity gives up its oldest block, unless that was recorded again
 * since it was last considered: it then goes to the end of the queue once more (the clock algorithm
 * with the hand standing still). Each such second chance is paid for by a recording, so eviction is
 * constant time, amortised. Chains enter the queue last block first, so that they lose their ends
 * before their beginnings: a prefix without its first block is worth nothing. When the budget is
 * spent, the endpoint that holds most gives up a chunk of its oldest.
 *
 * Threads. One writer at a time, any number of readers; what a reader may see and why it can neither loop nor
 * fail is argued in HolderTable.
 */
/**
 * Which endpoint holds which prefix block, within a hard bound of memory.
 *
 * <p>One thread at a time writes, and sees what the one before wrote; any reads without waiting. A
 * reader may see a moment in the middle of a change: it then counts a block too many or too few, at
 * most once per block and slot.
 */
public final class PrefixCacheIndex {

  private static final int TABLES = 256;

  /** How often room is made for one block before it is left out. */
  private static final int ATTEMPTS = 4;

  private final ByteBudget budget;
  private final KeyMixer mixer;
  private final HolderTable[] tables = new HolderTable[TABLES];

  // elements and array are the writer's; published by writing the field
  private volatile @Nullable BlockQueue[] queues = new BlockQueue[0];

  /**
   * @param maxBytes hard bound on the memory of all tables, in bytes; at least what empty tables
   *     need, about 64 KiB
   */
  public PrefixCacheIndex(long maxBytes) {
    this(maxBytes, KeyMixer.random());
  }

  /**
   * As {@link #PrefixCacheIndex(long)}, with blocks in the same cells each time.
   *
   * @param seed of where blocks are kept; any number, and no secret to whoever knows it
   */
  public PrefixCacheIndex(long maxBytes, long seed) {
    this(maxBytes, KeyMixer.of(seed));
  }

  private PrefixCacheIndex(long maxBytes, KeyMixer mixer) {
    this.mixer = mixer;
    this.budget = new ByteBudget(maxBytes);
    if (!budget.take(TABLES * HolderTable.MIN_BYTES)) {
      throw new IllegalArgumentException(
          "maxBytes must be " + TABLES * HolderTable.MIN_BYTES + " or more, was " + maxBytes);
    }
    Arrays.setAll(tables, i -> new HolderTable(budget));
  }

  /**
   * Walks each chain from its first block until a block that no endpoint holds, and adds one to
   * {@code matchedBySlot} for every endpoint that holds the block walked over. Any thread; never
   * waits.
   *
   * @param matchedBySlot added to; slots beyond its length are ignored
   */
  public void match(PrefixBlocks blocks, int[] matchedBySlot) {
    long[] hashes = blocks.hashes();
    for (int chain = 0; chain < blocks.chains(); chain++) {
      int end = blocks.ends()[chain];
      int at = blocks.start(chain);
      while (at < end && isHeldCounting(mixer.key(hashes[at]), matchedBySlot)) {
        at++;
      }
    }
  }

  private boolean isHeldCounting(long key, int[] matchedBySlot) {
    return table(key).count(key, matchedBySlot);
  }

  /**
   * Notes that an endpoint now holds all blocks, or the first of them when they are more than it
   * may hold. Recording twice is like recording once; without eviction the order of recordings does
   * not matter. Writer only.
   *
   * @param slot 0 to 32765
   * @param capacity blocks that the endpoint may hold, at least 1; fixed when the endpoint is first
   *     recorded
   */
  public void record(int slot, PrefixBlocks blocks, int capacity) {
    record(slot, blocks, capacity, key -> {});
  }

  /**
   * As {@link #record(int, PrefixBlocks, int)}.
   *
   * @param learned receives the hash of every block that the endpoint did not hold, the last one
   *     first
   */
  public void record(int slot, PrefixBlocks blocks, int capacity, LongConsumer learned) {
    if (slot < 0 || slot > HolderTable.MAX_SLOT) {
      throw new IllegalArgumentException(
          "slot must be within 0 and " + HolderTable.MAX_SLOT + ", was " + slot);
    }
    BlockQueue queue = queueOf(slot, capacity);
    long[] hashes = blocks.hashes();
    int end = Math.min(blocks.totalBlocks(), queue.capacity());
    // known blocks first, so that making room for the new ones does not push these out
    for (int i = 0; i < end; i++) {
      long key = mixer.key(hashes[i]);
      table(key).touch(key, slot);
    }
    for (int i = end - 1; i >= 0; i--) {
      long key = mixer.key(hashes[i]);
      if (!table(key).holds(key, slot) && hold(slot, queue, key)) {
        learned.accept(mixer.hash(key));
      }
    }
  }

  /**
   * Forgets blocks that a request taught which never arrived, but those that another request has
   * used since. Takes as long as there are blocks of the slot. Writer only.
   *
   * @param learned hashes, as {@link #record(int, PrefixBlocks, int, LongConsumer)} named them
   * @return what became of those that were held
   */
  public TakenBack takeBack(int slot, long[] learned) {
    @Nullable BlockQueue[] current = queues;
    BlockQueue queue = slot < current.length ? current[slot] : null;
    if (queue == null) {
      return TakenBack.NOTHING;
    }
    long[] gone = new long[learned.length];
    long[] kept = new long[learned.length];
    int goneCount = 0;
    int keptCount = 0;
    for (long hash : learned) {
      long key = mixer.key(hash);
      HolderTable table = table(key);
      if (!table.holds(key, slot)) {
        continue;
      }
      if (table.takeTouch(key, slot)) {
        table.touch(key, slot);
        kept[keptCount++] = hash;
      } else {
        table.release(key, slot);
        gone[goneCount++] = hash;
      }
    }
    if (goneCount > 0) {
      long[] keys = new long[goneCount];
      for (int i = 0; i < goneCount; i++) {
        keys[i] = mixer.key(gone[i]);
      }
      Arrays.sort(keys);
      queue.remove(keys, goneCount);
    }
    return new TakenBack(Arrays.copyOf(gone, goneCount), Arrays.copyOf(kept, keptCount));
  }

  /**
   * What became of blocks that were to be forgotten; hashes in the order in which they were given.
   *
   * @param gone the endpoint does not hold them any more
   * @param kept another request has used them since
   */
  @SuppressWarnings("ArrayRecordComponent") // used at once, never compared
  public record TakenBack(long[] gone, long[] kept) {

    static final TakenBack NOTHING = new TakenBack(new long[0], new long[0]);
  }

  /**
   * The blocks remembered for a slot, the newest first: recorded in this order they come to the
   * same queue elsewhere. Writer only.
   */
  public long[] blocksOf(int slot) {
    @Nullable BlockQueue[] current = queues;
    BlockQueue queue = slot < current.length ? current[slot] : null;
    if (queue == null) {
      return new long[0];
    }
    long[] blocks = queue.newestFirst();
    Arrays.setAll(blocks, i -> mixer.hash(blocks[i]));
    return blocks;
  }

  /** Blocks that a slot may hold; 0 when nothing was recorded for it. Writer only. */
  public int capacityOf(int slot) {
    @Nullable BlockQueue[] current = queues;
    BlockQueue queue = slot < current.length ? current[slot] : null;
    return queue == null ? 0 : queue.capacity();
  }

  /** Forgets everything about a slot, which may then serve another endpoint. Writer only. */
  public void forget(int slot) {
    @Nullable BlockQueue[] current = queues;
    if (slot >= current.length) {
      return;
    }
    BlockQueue queue = current[slot];
    if (queue != null) {
      evict(slot, queue, queue.size());
      queue.discard();
      current[slot] = null;
      queues = current;
    }
  }

  /** Blocks remembered over all slots; one that two endpoints hold counts twice. Any thread. */
  public long heldBlocks() {
    long held = 0;
    for (BlockQueue queue : queues) {
      held += queue == null ? 0 : queue.size();
    }
    return held;
  }

  /** Blocks remembered for a slot. Any thread. */
  public long heldBlocks(int slot) {
    @Nullable BlockQueue[] current = queues;
    BlockQueue queue = slot < current.length ? current[slot] : null;
    return queue == null ? 0 : queue.size();
  }

  /** Distinct blocks remembered. Any thread. */
  public long entries() {
    long entries = 0;
    for (HolderTable table : tables) {
      entries += table.size();
    }
    return entries;
  }

  /** Bytes in use, at most the bound. Any thread. */
  public long bytes() {
    return budget.used();
  }

  private BlockQueue queueOf(int slot, int capacity) {
    @Nullable BlockQueue[] current = queues;
    if (slot >= current.length) {
      current = Arrays.copyOf(current, Math.max(slot + 1, 2 * current.length));
    }
    BlockQueue queue = current[slot];
    if (queue == null) {
      queue = new BlockQueue(Math.max(1, capacity), budget);
      current[slot] = queue;
      queues = current;
    }
    return queue;
  }

  private boolean hold(int slot, BlockQueue queue, long key) {
    if (queue.size() >= queue.capacity()) {
      evictOldest(slot, queue);
    }
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (queue.reserve() && table(key).hold(key, slot)) {
        queue.push(key);
        return true;
      }
      makeRoom();
    }
    return false;
  }

  private void evictOldest(int slot, BlockQueue queue) {
    while (true) {
      long key = queue.pop();
      if (!table(key).takeTouch(key, slot) || !queue.reserve()) {
        table(key).release(key, slot);
        return;
      }
      queue.push(key);
    }
  }

  private void makeRoom() {
    @Nullable BlockQueue[] current = queues;
    BlockQueue largest = null;
    int slotOfLargest = 0;
    for (int slot = 0; slot < current.length; slot++) {
      BlockQueue queue = current[slot];
      if (queue != null && (largest == null || queue.size() > largest.size())) {
        largest = queue;
        slotOfLargest = slot;
      }
    }
    if (largest != null) {
      evict(slotOfLargest, largest, Math.min(largest.size(), BlockQueue.CHUNK_BLOCKS));
    }
  }

  private void evict(int slot, BlockQueue queue, int blocks) {
    for (int i = 0; i < blocks; i++) {
      long key = queue.pop();
      table(key).release(key, slot);
    }
  }

  private HolderTable table(long key) {
    return tables[(int) key & (TABLES - 1)];
  }
}
