package ai.llmd.epp.domain.kvcache;

import ai.llmd.epp.domain.prefix.ByteBudget;
import java.util.function.IntConsumer;

/*
 *   HeldBlocks   request key → holders, and how many engine keys mean the block
 *   EngineKeys   engine key → the block or blocks it means, and who announced it, how often
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

  private static final long MAX_BYTES_OF_BLOCK = 160; // with the tables' growth

  private final ByteBudget budget;
  private final KvLocations locations;
  private final HeldBlocks blocks;
  private final EngineKeys engines;
  private final ReferenceCounts guesses; // more than one expectation of a block

  private int[] held = new int[64]; // the blocks that one engine key means
  private boolean[] isNew = new boolean[64]; // which of them got the holder just now
  private long stored; // blocks, each as often as it was

  /**
   * @param maxBytes bound on the memory of everything that is kept
   * @param locations the tiers that are told apart, and their weights
   * @param seed of where blocks are kept; a secret, as requests and model servers choose keys
   */
  public KvBlockIndex(long maxBytes, KvLocations locations, long seed) {
    this.budget = new ByteBudget(maxBytes);
    this.locations = locations;
    var rows = new RowPool(budget);
    var sets = new HolderSets(rows);
    this.blocks = new HeldBlocks(new BlockTable(budget, seed), sets);
    this.engines =
        new EngineKeys(
            new BlockTable(budget, ~seed),
            sets,
            rows,
            new ReferenceCounts(budget, seed),
            new KeysOfEvent(seed),
            blocks);
    this.guesses = new ReferenceCounts(budget, ~seed);
  }

  /**
   * Walks one chain from its first block until no slot holds the next one, and adds what it found
   * to {@code match}. Any thread; never waits, allocates nothing.
   */
  public void match(long[] keys, int from, int to, KvMatch match) {
    blocks.match(locations, keys, from, to, match);
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
    engines.beginEvent();
    for (int i = 0; i < engineCount; i++) {
      int from = first(i, engineCount, requestCount);
      int end = engineCount >= requestCount ? from + 1 : first(i + 1, engineCount, requestCount);
      if (!storeOne(engineKeys, i, requestKeys, from, end, holder)
          && !(engines.reclaim(work())
              && storeOne(engineKeys, i, requestKeys, from, end, holder))) {
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
      isAnyKnown |= engines.announceLast(engineKeys[i], holder);
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
    return engines.remove(engineKey, HolderSets.holder(slot, location));
  }

  /**
   * The request key that an engine key means, of several the last one. Writer only.
   *
   * @param into receives it at index 0
   * @return false when the engine key is unknown
   */
  public boolean resolve(long engineKey, long[] into) {
    int block = engines.last(engineKey);
    if (block == BlockTable.NONE) {
      return false;
    }
    into[0] = blocks.key(block);
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
      if (block != BlockTable.NONE && blocks.isHeldBy(block, holder)) {
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
      if (block != BlockTable.NONE) {
        blocks.release(block, holder);
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

  /**
   * Forgets everything that an endpoint holds or is expected to: looks at all blocks until the last
   * one of the endpoint, and at none when it holds none. Writer only.
   */
  public void clear(int slot) {
    blocks.clear(slot);
    engines.clear(slot);
    guesses.forgetSlot(slot);
  }

  /** Visits the holders of a block, as (slot, location). Writer only. */
  public void forEachHolder(long requestKey, HolderVisitor visitor) {
    int block = blocks.find(requestKey);
    if (block != BlockTable.NONE) {
      IntConsumer each =
          holder -> visitor.visit(HolderSets.slot(holder), HolderSets.location(holder));
      blocks.forEachHolder(block, each);
    }
  }

  /** Whether an endpoint announced a key. Writer only. */
  public boolean isAnnounced(int slot, int location, long engineKey) {
    return engines.isAnnounced(engineKey, HolderSets.holder(slot, location));
  }

  /**
   * Visits all that an endpoint announced in the first so many locations, in no order, until the
   * visitor answers no. Writer only.
   */
  public void forEachAnnounced(int slot, int locations, AnnouncementVisitor visitor) {
    engines.forEachAnnounced(slot, locations, visitor);
  }

  /** Whether so many more blocks with one holder are sure to fit. Writer only. */
  public boolean hasRoom(long blocks) {
    return budget.free() / MAX_BYTES_OF_BLOCK >= blocks;
  }

  /**
   * Blocks that all events since the beginning have stored or had read, each as often as that was:
   * what they cost, but for {@link #clear} and the search for room in a full index. Writer only.
   */
  public long work() {
    return stored + engines.blocksRead();
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

  /** Receives what an endpoint announced. */
  @FunctionalInterface
  public interface AnnouncementVisitor {

    /**
     * One key.
     *
     * @param times that it was announced and not taken back
     * @param isWhole whether all that it means was stored there; otherwise only the last block was
     *     located there
     * @param requestKeys the blocks that it means
     * @return whether to go on
     */
    boolean visit(int location, long engineKey, int times, boolean isWhole, long[] requestKeys);
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
    return tryAddOne(holder, requestKey)
        || (engines.reclaim(work()) && tryAddOne(holder, requestKey));
  }

  private boolean tryAddOne(int holder, long requestKey) {
    return blocks.hold(blocks.find(requestKey), requestKey, holder) != BlockTable.NONE;
  }

  /** All of one engine key, or nothing. */
  private boolean storeOne(
      long[] engineKeys, int at, long[] requestKeys, int from, int end, int holder) {
    int count = end - from;
    if (count > EngineKeys.MAX_MEANT) {
      return false;
    }
    if (count > held.length) {
      held = new int[count];
      isNew = new boolean[count];
    }
    stored += count;
    int done = 0;
    while (done < count && hold(done, requestKeys[from + done], holder)) {
      done++;
    }
    if (done == count && engines.announce(engineKeys, at, held, count, holder)) {
      return true;
    }
    for (int i = 0; i < done; i++) {
      if (isNew[i]) { // none of the endpoint's events could ever take it back
        blocks.release(held[i], holder);
      }
    }
    return false;
  }

  /** Lets a block be held, and notes it in {@code held}; false when the budget is spent. */
  private boolean hold(int at, long requestKey, int holder) {
    int block = blocks.find(requestKey);
    isNew[at] = block == BlockTable.NONE || !blocks.isHeldBy(block, holder);
    held[at] = isNew[at] ? blocks.hold(block, requestKey, holder) : block;
    return held[at] != BlockTable.NONE;
  }
}
