package ai.llmd.epp.domain.kvcache;

import ai.llmd.epp.domain.prefix.ByteBudget;
import java.util.Arrays;
import java.util.function.IntConsumer;

/*
 *   blocks    request key → holders, and how many engine keys mean the block
 *   engines   engine key → the block or blocks it means, and who announced it
 *   repeats   who announced an engine key more than once
 *
 * A block is kept while it has a holder or an engine key means it. An engine key is forgotten with the last holder of all
 * its blocks, when that one is removed; not when an endpoint is cleared, so that later events may continue its blocks.
 *
 * Cost. One holder of a block that one engine key means: 22 bytes for each of the two entries. Further ones: 2 to 16 bytes
 * each, twice. Nothing is ever given up for a new block. When the budget is spent, engine keys without a holder go first;
 * after that a new block is refused, which the caller is told: what was refused is not known until it is announced again.
 *
 * Threads. One writer at a time, any number of readers, who may see a moment in the middle of a change: a chain that
 * ends a block too early, or a block of another chain in a row that was freed in the same instant. BlockTable and RowPool
 * say why a reader neither loops nor fails.
 */
/**
 * Which endpoint holds which prefix block in which tier, exactly as the model servers report it,
 * within a hard bound of memory.
 *
 * <p>One thread at a time writes; any reads without waiting.
 */
public final class KvBlockIndex {

  /** Highest slot. */
  public static final int MAX_SLOT = HolderSets.MAX_SLOT;

  private static final long HOLDERS = 0xffffffffL;
  private static final int MAX_MEANT = (1 << RowPool.MAX_SIZE) - 1;

  private final ByteBudget budget;
  private final KvLocations locations;
  private final RowPool rows;
  private final HolderSets sets;
  private final BlockTable blocks;
  private final BlockTable engines;
  private final ReferenceCounts repeats;
  private final ReferenceCounts guesses;

  private int[] meant = new int[64];
  private boolean[] isNew = new boolean[64];
  private long unheld; // blocks without a holder, kept because an engine key means them

  /**
   * @param maxBytes bound on the memory of everything that is kept
   * @param locations the tiers that are told apart, and their weights
   * @param seed of where blocks are kept; a secret, as requests and model servers choose keys
   */
  public KvBlockIndex(long maxBytes, KvLocations locations, long seed) {
    this.budget = new ByteBudget(maxBytes);
    this.locations = locations;
    this.rows = new RowPool(budget);
    this.sets = new HolderSets(rows);
    this.blocks = new BlockTable(budget, seed);
    this.engines = new BlockTable(budget, ~seed);
    this.repeats = new ReferenceCounts(budget);
    this.guesses = new ReferenceCounts(budget);
  }

  /**
   * Walks one chain from its first block until no slot holds the next one, and adds what it found
   * to {@code match}. Any thread; never waits, allocates nothing.
   */
  public void match(long[] keys, int from, int to, KvMatch match) {
    MatchWalk.walk(blocks, sets, locations, keys, from, to, match);
  }

  /**
   * An endpoint stored blocks, under keys of its own. The two lists cover the same tokens; when
   * they differ in length, a key of the shorter one means several of the longer one, in proportion.
   * Writer only.
   *
   * @return false when the budget is spent and not all blocks could be taken
   */
  public boolean store(
      int slot,
      int location,
      long[] engineKeys,
      int engineCount,
      long[] requestKeys,
      int requestCount) {
    int holder = HolderSets.holder(slot, location);
    if (engineCount == 0) {
      return add(holder, requestKeys, requestCount);
    }
    for (int i = 0; i < engineCount; i++) {
      int from = first(i, engineCount, requestCount);
      int end = engineCount >= requestCount ? from + 1 : first(i + 1, engineCount, requestCount);
      if (!storeOne(engineKeys, i, requestKeys, from, end, holder)
          && !(reclaim() && storeOne(engineKeys, i, requestKeys, from, end, holder))) {
        return false;
      }
    }
    return true;
  }

  /** The first request key that an engine key means. */
  private static int first(int engine, int engineCount, int requestCount) {
    long product = (long) engine * requestCount;
    return engineCount >= requestCount
        ? (int) (product / engineCount)
        : (int) ((product + engineCount - 1) / engineCount);
  }

  /**
   * Blocks that were stored before are now also in another place of the endpoint, or in that of
   * another one. Keys that are unknown are ignored. Writer only.
   *
   * @return whether any was known
   */
  public boolean locate(int slot, int location, long[] engineKeys, int count) {
    int holder = HolderSets.holder(slot, location);
    boolean isAnyKnown = false;
    for (int i = 0; i < count; i++) {
      int engine = engines.find(engineKeys[i]);
      if (engine != BlockTable.NONE && addHolder(blocks, last(engine), holder)) {
        isAnyKnown = true;
        announce(engine, engineKeys[i], holder);
      }
    }
    return isAnyKnown;
  }

  /**
   * An endpoint gave up a block. A block that was announced several times has to be given up as
   * often. Writer only.
   *
   * @return false when it still holds the block by another announcement
   */
  public boolean remove(int slot, int location, long engineKey) {
    int holder = HolderSets.holder(slot, location);
    if (repeats.decrement(engineKey, holder)) {
      return false;
    }
    int engine = engines.find(engineKey);
    if (engine == BlockTable.NONE) {
      return true;
    }
    removeHolder(engines, engine, holder);
    int count = meantBlocks(engine);
    boolean isHeld = false;
    for (int i = 0; i < count; i++) {
      removeHolder(blocks, meant[i], holder);
      isHeld |= holders(blocks, meant[i]) != HolderSets.NONE;
    }
    if (!isHeld) {
      forgetEngine(engine);
    }
    return true;
  }

  /**
   * The request key that an engine key means, of several the last one. Writer only.
   *
   * @param into receives it at index 0
   * @return false when the engine key is unknown
   */
  public boolean resolve(long engineKey, long[] into) {
    int engine = engines.find(engineKey);
    if (engine == BlockTable.NONE) {
      return false;
    }
    into[0] = blocks.key(last(engine));
    return true;
  }

  /**
   * Blocks that an endpoint is expected to hold soon. Each call has to be taken back by one of
   * {@link #withdraw}. Writer only.
   *
   * @return false when the budget is spent and not all blocks could be taken
   */
  public boolean expect(int slot, long[] requestKeys) {
    int holder = HolderSets.holder(slot, KvLocations.SPECULATIVE);
    for (long key : requestKeys) {
      int block = blocks.find(key);
      if (block != BlockTable.NONE && sets.contains(holders(blocks, block), holder)) {
        guesses.increment(key, holder);
      } else if (!addOne(holder, key)) {
        return false;
      }
    }
    return true;
  }

  /** Takes an expectation back. Writer only. */
  public void withdraw(int slot, long[] requestKeys) {
    int holder = HolderSets.holder(slot, KvLocations.SPECULATIVE);
    for (long key : requestKeys) {
      int block = guesses.decrement(key, holder) ? BlockTable.NONE : blocks.find(key);
      if (block != BlockTable.NONE && removeHolder(blocks, block, holder)) {
        dropUnused(block);
      }
    }
  }

  /**
   * An endpoint holds blocks that no engine key means. Writer only.
   *
   * @return false when the budget is spent and not all blocks could be taken
   */
  public boolean add(int slot, int location, long[] requestKeys, int count) {
    return add(HolderSets.holder(slot, location), requestKeys, count);
  }

  /** Forgets everything that an endpoint holds or is expected to. Writer only. */
  public void clear(int slot) {
    blocks.forEach(
        block -> {
          long meta = blocks.meta(block);
          int before = (int) meta;
          int after = sets.removeSlot(before, slot);
          if (after != before) {
            holders(blocks, block, after);
            unheld += after == HolderSets.NONE ? 1 : 0;
            dropUnused(block);
          }
        });
    engines.forEach(
        engine -> {
          int before = holders(engines, engine);
          int after = sets.removeSlot(before, slot);
          if (after != before) {
            holders(engines, engine, after);
          }
        });
    repeats.forgetSlot(slot);
    guesses.forgetSlot(slot);
  }

  /** Visits the holders of a block, as (slot, location). Writer only. */
  public void forEachHolder(long requestKey, HolderVisitor visitor) {
    int block = blocks.find(requestKey);
    if (block != BlockTable.NONE) {
      IntConsumer each =
          holder -> visitor.visit(HolderSets.slot(holder), HolderSets.location(holder));
      sets.forEach(holders(blocks, block), each);
    }
  }

  /** Blocks that are kept. Exact for the writer. */
  public long blocks() {
    return blocks.entries();
  }

  /** Keys of model servers that are kept. Exact for the writer. */
  public long engineKeys() {
    return engines.entries();
  }

  /** Bytes in use. Any thread. */
  public long bytes() {
    return budget.used();
  }

  /** Receives the holders of a block. */
  @FunctionalInterface
  public interface HolderVisitor {

    /** One of them, in no order. */
    void visit(int slot, int location);
  }

  private boolean add(int holder, long[] requestKeys, int count) {
    for (int i = 0; i < count; i++) {
      if (!addOne(holder, requestKeys[i])) {
        return false;
      }
    }
    return true;
  }

  private boolean addOne(int holder, long requestKey) {
    return tryAddOne(holder, requestKey) || (reclaim() && tryAddOne(holder, requestKey));
  }

  private boolean tryAddOne(int holder, long requestKey) {
    int block = blocks.find(requestKey);
    if (block != BlockTable.NONE) {
      return addHolder(blocks, block, holder);
    }
    block = blocks.insert(requestKey);
    if (block == BlockTable.NONE) {
      return false;
    }
    blocks.meta(block, holder);
    return true;
  }

  /** All of one engine key, or nothing. */
  private boolean storeOne(
      long[] engineKeys, int at, long[] requestKeys, int from, int end, int holder) {
    int count = end - from;
    if (count > MAX_MEANT) {
      return false;
    }
    if (count > meant.length) {
      meant = new int[count];
    }
    if (count > isNew.length) {
      isNew = new boolean[count];
    }
    int held = 0;
    while (held < count && hold(held, requestKeys[from + held], holder)) {
      held++;
    }
    int engine = held == count ? mapped(engineKeys, at, count) : BlockTable.NONE;
    if (engine == BlockTable.NONE) {
      for (int i = 0; i < held; i++) {
        // none of the endpoint's events could ever take it back
        if (isNew[i] && removeHolder(blocks, meant[i], holder)) {
          dropUnused(meant[i]);
        }
      }
      return false;
    }
    announce(engine, engineKeys[at], holder);
    return true;
  }

  /** Lets a block be held, and notes it in {@code meant}; false when the budget is spent. */
  private boolean hold(int at, long requestKey, int holder) {
    int block = blocks.find(requestKey);
    if (block == BlockTable.NONE) {
      block = blocks.insert(requestKey);
      if (block == BlockTable.NONE) {
        return false;
      }
      blocks.meta(block, holder);
      isNew[at] = true;
    } else {
      isNew[at] = !sets.contains(holders(blocks, block), holder);
      if (isNew[at] && !addHolder(blocks, block, holder)) {
        return false;
      }
    }
    meant[at] = block;
    return true;
  }

  /** Lets an engine key mean the first blocks of {@code meant}. */
  private int mapped(long[] engineKeys, int at, int count) {
    int engine = engines.find(engineKeys[at]);
    if (engine != BlockTable.NONE) {
      return means(engine, count) || remap(engine, engineKeys, at, count)
          ? engine
          : BlockTable.NONE;
    }
    int target = keep(meant, count);
    if (target == 0) {
      return BlockTable.NONE;
    }
    engine = engines.insert(engineKeys[at]);
    if (engine == BlockTable.NONE) {
      freeTarget(target);
      return BlockTable.NONE;
    }
    setTarget(engine, target);
    map(meant, count);
    return engine;
  }

  private boolean means(int engine, int count) {
    int target = targetOf(engine);
    if (target > 0) {
      return count == 1 && target == meant[0];
    }
    int[] row = rows.array(target);
    int start = RowPool.start(target);
    return row[start] == count && Arrays.equals(row, start + 1, start + 1 + count, meant, 0, count);
  }

  /** Lets a known engine key mean other blocks: those of the latest event that named it. */
  private boolean remap(int engine, long[] engineKeys, int at, int count) {
    int[] now = Arrays.copyOf(meant, count);
    int[] before = Arrays.copyOf(meant, meantBlocks(engine));
    System.arraycopy(meant, 0, before, 0, before.length);
    if (now.length > meant.length) {
      meant = new int[now.length];
    }
    System.arraycopy(now, 0, meant, 0, count); // the caller's, as they were
    int[] all = now;
    if (isAmong(engineKeys, at)) { // twice in one event: the blocks of both
      all = Arrays.copyOf(before, before.length + count);
      System.arraycopy(now, 0, all, before.length, count);
    }
    int target = all.length > MAX_MEANT ? 0 : keep(all, all.length);
    if (target == 0) {
      return false;
    }
    map(all, all.length);
    unmap(before, before.length);
    freeTarget(targetOf(engine));
    setTarget(engine, target);
    return true;
  }

  private static boolean isAmong(long[] keys, int at) {
    for (int i = 0; i < at; i++) {
      if (keys[i] == keys[at]) {
        return true;
      }
    }
    return false;
  }

  /** Keeps numbers of blocks: the only one, or a row; 0 when the budget is spent. */
  private int keep(int[] numbers, int count) {
    if (count == 1) {
      return numbers[0];
    }
    int row = rows.take(Math.max(RowPool.MIN_SIZE, 32 - Integer.numberOfLeadingZeros(count)));
    if (row != 0) {
      rows.array(row)[RowPool.start(row)] = count;
      System.arraycopy(numbers, 0, rows.array(row), RowPool.start(row) + 1, count);
    }
    return row;
  }

  private void freeTarget(int target) {
    if (target < 0) {
      rows.give(target);
    }
  }

  private int targetOf(int engine) {
    return (int) (engines.meta(engine) >>> 32);
  }

  private void setTarget(int engine, int target) {
    engines.meta(engine, ((long) target << 32) | (engines.meta(engine) & HOLDERS));
  }

  /** Reads the blocks that an engine key means into {@code meant}. */
  private int meantBlocks(int engine) {
    int target = targetOf(engine);
    if (target > 0) {
      meant[0] = target;
      return 1;
    }
    int[] row = rows.array(target);
    int start = RowPool.start(target);
    int count = row[start];
    meant = count <= meant.length ? meant : new int[count];
    System.arraycopy(row, start + 1, meant, 0, count);
    return count;
  }

  private int last(int engine) {
    int target = targetOf(engine);
    if (target > 0) {
      return target;
    }
    int[] row = rows.array(target);
    int start = RowPool.start(target);
    return row[start + row[start]];
  }

  private void map(int[] numbers, int count) {
    for (int i = 0; i < count; i++) {
      blocks.meta(numbers[i], blocks.meta(numbers[i]) + (1L << 32));
    }
  }

  private void unmap(int[] numbers, int count) {
    for (int i = 0; i < count; i++) {
      blocks.meta(numbers[i], blocks.meta(numbers[i]) - (1L << 32));
      dropUnused(numbers[i]);
    }
  }

  private void announce(int engine, long engineKey, int holder) {
    if (sets.contains(holders(engines, engine), holder)) {
      repeats.increment(engineKey, holder);
    } else {
      addHolder(engines, engine, holder);
    }
  }

  private void forgetEngine(int engine) {
    int count = meantBlocks(engine);
    unmap(meant, count);
    freeTarget(targetOf(engine));
    sets.free(holders(engines, engine));
    engines.remove(engine);
  }

  /** Forgets engine keys whose blocks have no holder; false when there are none. */
  private boolean reclaim() {
    if (unheld == 0) {
      return false;
    }
    long before = engines.entries();
    engines.forEach(
        engine -> {
          int count = meantBlocks(engine);
          boolean isHeld = false;
          for (int i = 0; i < count && !isHeld; i++) {
            isHeld = holders(blocks, meant[i]) != HolderSets.NONE;
          }
          if (!isHeld) {
            forgetEngine(engine);
          }
        });
    return engines.entries() < before;
  }

  private int holders(BlockTable table, int id) {
    return (int) table.meta(id);
  }

  private void holders(BlockTable table, int id, int set) {
    table.meta(id, (table.meta(id) & ~HOLDERS) | (set & HOLDERS));
  }

  private boolean addHolder(BlockTable table, int id, int holder) {
    int before = holders(table, id);
    int after = sets.add(before, holder);
    if (after == HolderSets.FULL) {
      return false;
    }
    if (after != before) {
      holders(table, id, after);
      unheld -= table == blocks && before == HolderSets.NONE ? 1 : 0;
    }
    return true;
  }

  private boolean removeHolder(BlockTable table, int id, int holder) {
    int before = holders(table, id);
    int after = sets.remove(before, holder);
    boolean isChanged = after != before;
    if (isChanged) {
      holders(table, id, after);
      unheld += table == blocks && after == HolderSets.NONE ? 1 : 0;
    }
    return isChanged;
  }

  /** Forgets a block that lost its last holder, or the last engine key that meant it. */
  private void dropUnused(int block) {
    if (blocks.meta(block) == 0) {
      blocks.remove(block);
      unheld--;
    }
  }
}
