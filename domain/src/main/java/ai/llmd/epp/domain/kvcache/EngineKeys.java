package ai.llmd.epp.domain.kvcache;

import java.util.Arrays;

/*
 * An entry's meta: who announced the key below, above what it means ("target"): positive the number of its only block,
 * negative a row of [count, numbers of blocks].
 */
/**
 * The keys that model servers have for blocks: which block or blocks each means, who announced it,
 * and how often. The writer of the index only.
 */
final class EngineKeys {

  /**
   * Blocks that one key may mean: more than a model server's block has, and few enough that an
   * event which names such a key again and again is done in a second.
   */
  static final int MAX_MEANT = (1 << 10) - 1;

  /** One of so many: of the blocks has to have lost its holder, of the reading been done, anew. */
  private static final int RECLAIM_SHARE = 64;

  private final BlockTable table;
  private final HolderSets sets;
  private final RowPool rows;
  private final ReferenceCounts repeats; // more than one announcement of a key
  private final HeldBlocks blocks;
  private final SlotCounts announced = new SlotCounts();

  private final KeysOfEvent keysOfEvent;

  private int[] meant = new int[64]; // what read() has read
  private long blocksRead;
  private long unreclaimable; // blocks without a holder that the last reclaim left
  private long reclaimedAt; // the work of all events until then
  private long readByReclaim; // the last one: blocks

  EngineKeys(
      BlockTable table,
      HolderSets sets,
      RowPool rows,
      ReferenceCounts repeats,
      KeysOfEvent keysOfEvent,
      HeldBlocks blocks) {
    this.keysOfEvent = keysOfEvent;
    this.table = table;
    this.sets = sets;
    this.rows = rows;
    this.repeats = repeats;
    this.blocks = blocks;
  }

  /** Keys that are kept. */
  long entries() {
    return table.entries();
  }

  /** Blocks that events made this read: those that their keys mean. */
  long blocksRead() {
    return blocksRead;
  }

  /** An event begins, of which keys will be announced in their order. */
  void beginEvent() {
    keysOfEvent.begin();
  }

  /** The block that a key means, of several the last one; {@link BlockTable#NONE} for no key. */
  int last(long engineKey) {
    int engine = table.find(engineKey);
    return engine == BlockTable.NONE ? BlockTable.NONE : lastOf(engine);
  }

  /**
   * A holder announced a key of an event.
   *
   * @param engineKeys the keys of the event
   * @param at the one that is meant
   * @param numbers of the blocks that it means: so many at the start
   * @return false when the budget is spent, and all is as before
   */
  boolean announce(long[] engineKeys, int at, int[] numbers, int count, int holder) {
    int engine = mapped(engineKeys, at, numbers, count);
    if (engine == BlockTable.NONE) {
      return false;
    }
    addAnnouncement(engine, engineKeys[at], holder);
    return true;
  }

  /**
   * A holder announced a key without its blocks, and holds the last that it means.
   *
   * @return false when the key is unknown or the budget is spent
   */
  boolean announceLast(long engineKey, int holder) {
    int engine = table.find(engineKey);
    if (engine == BlockTable.NONE || !blocks.addHolder(lastOf(engine), holder)) {
      return false;
    }
    addAnnouncement(engine, engineKey, holder);
    return true;
  }

  /**
   * Takes one announcement back, with the last one the blocks from the holder, and forgets the key
   * whose blocks have no holder then.
   *
   * @return false when there is another announcement
   */
  boolean remove(long engineKey, int holder) {
    if (repeats.decrement(engineKey, holder)) {
      return false;
    }
    int engine = table.find(engineKey);
    if (engine == BlockTable.NONE) {
      return true;
    }
    removeHolder(engine, holder);
    int count = read(engine);
    for (int i = 0; i < count; i++) {
      blocks.removeHolder(meant[i], holder);
    }
    if (!isAnyHeld(count)) {
      forget(engine);
    }
    return true;
  }

  boolean isAnnounced(long engineKey, int holder) {
    int engine = table.find(engineKey);
    return engine != BlockTable.NONE && sets.contains(table.holders(engine), holder);
  }

  /**
   * Visits what a slot announced in the first so many locations, until one answers no: looks at
   * keys until the last of them.
   */
  void forEachAnnounced(int slot, int locations, KvBlockIndex.AnnouncementVisitor visitor) {
    long[] left = {announced.get(slot)};
    if (left[0] == 0) {
      return;
    }
    table.forEachWhile(
        engine -> {
          int holders = table.holders(engine);
          int held = sets.count(holders, slot);
          for (int location = 0; held > 0 && location < locations; location++) {
            int holder = HolderSets.holder(slot, location);
            if (sets.contains(holders, holder)) {
              held--;
              left[0]--;
              if (!isVisited(engine, holder, visitor)) {
                return false;
              }
            }
          }
          return left[0] > 0;
        });
  }

  private boolean isVisited(int engine, int holder, KvBlockIndex.AnnouncementVisitor visitor) {
    int count = read(engine);
    long[] keys = new long[count];
    for (int i = 0; i < count; i++) {
      keys[i] = blocks.key(meant[i]);
    }
    long engineKey = table.key(engine);
    int times = 1 + repeats.count(engineKey, holder);
    boolean isWhole = count == 1 || blocks.isHeldBy(meant[0], holder);
    return visitor.visit(HolderSets.location(holder), engineKey, times, isWhole, keys);
  }

  /** Takes back all that a slot announced: looks at keys until the last of them. */
  void clear(int slot) {
    if (announced.get(slot) > 0) {
      readByReclaim = 0; // what an endpoint leaves may be much
      table.forEachWhile(
          engine -> {
            int before = table.holders(engine);
            int held = sets.count(before, slot);
            if (held > 0) {
              announced.add(slot, -held);
              table.holders(engine, sets.removeSlot(before, slot));
            }
            return announced.get(slot) > 0;
          });
    }
    repeats.forgetSlot(slot);
  }

  /**
   * Forgets the keys whose blocks have no holder; false when there are none. Reads the blocks of
   * all keys, which is the work of no event: so only once the blocks without a holder have become
   * more by a share of all, and events have done a share of what the last time took.
   *
   * @param work that all events have done
   */
  boolean reclaim(long work) {
    unreclaimable = Math.min(unreclaimable, blocks.unheld());
    if (blocks.unheld() - unreclaimable <= blocks.entries() / RECLAIM_SHARE
        || work - reclaimedAt <= readByReclaim / RECLAIM_SHARE) {
      return false;
    }
    long keysBefore = table.entries();
    long readBefore = blocksRead;
    table.forEach(
        engine -> {
          if (!isAnyHeld(read(engine))) {
            forget(engine);
          }
        });
    unreclaimable = blocks.unheld();
    reclaimedAt = work;
    readByReclaim = blocksRead - readBefore;
    blocksRead = readBefore;
    return table.entries() < keysBefore;
  }

  /** Lets a key mean these blocks; its number, {@link BlockTable#NONE} when the budget is spent. */
  private int mapped(long[] engineKeys, int at, int[] numbers, int count) {
    int engine = table.find(engineKeys[at]);
    if (engine != BlockTable.NONE) {
      return means(engine, numbers, count) || remap(engine, engineKeys, at, numbers, count)
          ? engine
          : BlockTable.NONE;
    }
    int target = keep(numbers, count);
    if (target == 0) {
      return BlockTable.NONE;
    }
    engine = table.insert(engineKeys[at]);
    if (engine == BlockTable.NONE) {
      freeTarget(target);
      return BlockTable.NONE;
    }
    target(engine, target);
    blocks.mean(numbers, count);
    return engine;
  }

  private boolean means(int engine, int[] numbers, int count) {
    int target = target(engine);
    if (target > 0) {
      return count == 1 && target == numbers[0];
    }
    int[] row = rows.array(target);
    int start = RowPool.start(target);
    return row[start] == count
        && Arrays.equals(row, start + 1, start + 1 + count, numbers, 0, count);
  }

  /** Lets a known key mean other blocks: those of the latest event that named it. */
  private boolean remap(int engine, long[] engineKeys, int at, int[] numbers, int count) {
    if (keysOfEvent.isAmongFormer(engineKeys, at)) {
      return append(engine, numbers, count); // twice in one event: the blocks of both
    }
    int target = keep(numbers, count);
    if (target == 0) {
      return false;
    }
    int before = read(engine);
    blocks.mean(numbers, count);
    blocks.unmean(meant, before);
    freeTarget(target(engine));
    target(engine, target);
    return true;
  }

  /** Lets a key mean further blocks, in the row that it has while there is room. */
  private boolean append(int engine, int[] numbers, int count) {
    int target = target(engine);
    int before = target > 0 ? 1 : rows.array(target)[RowPool.start(target)];
    int length = before + count;
    if (length > MAX_MEANT) {
      return false;
    }
    if (target < 0 && length < RowPool.length(target)) {
      int start = RowPool.start(target);
      System.arraycopy(numbers, 0, rows.array(target), start + 1 + before, count);
      rows.array(target)[start] = length;
    } else {
      read(engine);
      int[] all = Arrays.copyOf(meant, Math.max(length, meant.length));
      System.arraycopy(numbers, 0, all, before, count);
      int longer = keep(all, length);
      if (longer == 0) {
        return false;
      }
      freeTarget(target);
      target(engine, longer);
    }
    blocks.mean(numbers, count);
    return true;
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

  private int target(int engine) {
    return (int) (table.meta(engine) >>> 32);
  }

  private void target(int engine, int target) {
    table.meta(engine, (long) target << 32 | Integer.toUnsignedLong(table.holders(engine)));
  }

  /** Reads the blocks that a key means into {@code meant}; returns how many. */
  private int read(int engine) {
    int target = target(engine);
    if (target > 0) {
      meant[0] = target;
      blocksRead++;
      return 1;
    }
    int[] row = rows.array(target);
    int start = RowPool.start(target);
    int count = row[start];
    blocksRead += count;
    meant = count <= meant.length ? meant : new int[count];
    System.arraycopy(row, start + 1, meant, 0, count);
    return count;
  }

  /** Whether one of the blocks just read has a holder. */
  private boolean isAnyHeld(int count) {
    for (int i = 0; i < count; i++) {
      if (blocks.isHeld(meant[i])) {
        return true;
      }
    }
    return false;
  }

  private int lastOf(int engine) {
    int target = target(engine);
    if (target > 0) {
      return target;
    }
    int[] row = rows.array(target);
    int start = RowPool.start(target);
    return row[start + row[start]];
  }

  private void addAnnouncement(int engine, long engineKey, int holder) {
    int before = table.holders(engine);
    if (sets.contains(before, holder)) {
      repeats.increment(engineKey, holder);
      return;
    }
    int after = sets.add(before, holder);
    if (after != HolderSets.FULL) {
      table.holders(engine, after);
      announced.add(HolderSets.slot(holder), 1);
    }
  }

  private void removeHolder(int engine, int holder) {
    int before = table.holders(engine);
    if (sets.contains(before, holder)) {
      announced.add(HolderSets.slot(holder), -1);
      table.holders(engine, sets.remove(before, holder));
    }
  }

  private void forget(int engine) {
    int count = read(engine);
    blocks.unmean(meant, count);
    freeTarget(target(engine));
    sets.forEach(table.holders(engine), each -> announced.add(HolderSets.slot(each), -1));
    sets.free(table.holders(engine));
    table.remove(engine);
  }
}
