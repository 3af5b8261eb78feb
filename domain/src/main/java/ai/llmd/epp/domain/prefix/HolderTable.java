package ai.llmd.epp.domain.prefix;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicInteger;

/*
 * Which endpoints hold which block: an open-addressing table with linear probing in one long[],
 * two words per cell.
 *
 *   cells:   key | holders | key | holders | …         key 0: an empty cell
 *   holders: four lanes of 16 bits, each 0 or (touched << 15 | slot + 1), or, from the fifth
 *            holder on, 0x7FFF << 48 | number of a row in HolderRows
 *
 * Most blocks are held by the one endpoint to which their conversation sticks: they cost 16 bytes
 * however many endpoints the pool has. A plain bitset per block would cost 256 with a thousand.
 *
 * Removal shifts the cells behind the gap back (Knuth 6.4, algorithm R), so there are no tombstones
 * and a table is as good after a year as on its first day. The cell that moves is copied before its
 * old place is overwritten, so no reader meets a hole in the middle of a run.
 *
 * One thread at a time writes; any reads, without locks, by opaque and acquiring loads: no word is torn,
 * but words that belong together may be seen apart. A reader can
 *   - miss a key that moved behind its back, or find it twice (it stops at the first);
 *   - pair a key with the holders of the cell's next or previous tenant, or with a row that has
 *     changed hands.
 * Either way it counts every slot at most once per block, and a wrong count costs a cache hit, never
 * an answer. It cannot run on: it takes the array once, looks at each cell at most once, and follows
 * a row's number only within the bounds of the array that it holds. It can therefore neither loop
 * for ever nor fail.
 */
final class HolderTable {

  /** The highest slot that fits a lane, beside the free lane and the row mark. */
  static final int MAX_SLOT = 0x7FFD;

  /** A table before anything is in it: four objects and the cells. */
  static final long MIN_BYTES = 4 * 24 + ByteBudget.ofLongs(16);

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int MIN_CELLS = 8;
  private static final int LANE_BITS = 16;
  private static final long LANE_SLOT = 0x7FFF;
  private static final long LANE_TOUCHED = 0x8000;
  private static final long LANE_4 = 0xFFFFL << 48;
  private static final long ROW_MARK = 0x7FFFL << 48;
  private static final int ABSENT = -1;

  private final ByteBudget budget;
  private final HolderRows rows;
  private final AtomicInteger size = new AtomicInteger();
  private volatile long[] cells = new long[2 * MIN_CELLS];

  /**
   * @param budget has given {@link #MIN_BYTES} already
   */
  HolderTable(ByteBudget budget) {
    this.budget = budget;
    this.rows = new HolderRows(budget);
  }

  /** Number of blocks. Any thread. */
  int size() {
    return size.getAcquire();
  }

  /**
   * Adds one for every holder of a block. Any thread.
   *
   * @return whether any endpoint holds it
   */
  boolean count(long key, int[] counters) {
    long[] current = cells;
    int at = find(current, key);
    if (at == ABSENT) {
      return false;
    }
    long holders = (long) WORD.getOpaque(current, at + 1);
    if (isRow(holders)) {
      return rows.count((int) holders, counters);
    }
    for (long rest = holders; rest != 0; rest >>>= LANE_BITS) {
      int slot = (int) (rest & LANE_SLOT) - 1;
      if (slot >= 0 && slot < counters.length) {
        counters[slot]++;
      }
    }
    return holders != 0;
  }

  /** Whether the slot holds the block. */
  boolean holds(long key, int slot) {
    int at = find(cells, key);
    if (at == ABSENT) {
      return false;
    }
    long holders = cells[at + 1];
    return isRow(holders) ? rows.holds((int) holders, slot) : laneOf(holders, slot) != ABSENT;
  }

  /** Marks a block as wanted again by a slot, if that holds it. */
  void touch(long key, int slot) {
    int at = find(cells, key);
    if (at == ABSENT) {
      return;
    }
    long holders = cells[at + 1];
    if (isRow(holders)) {
      if (rows.holds((int) holders, slot)) {
        rows.touch((int) holders, slot);
      }
      return;
    }
    int lane = laneOf(holders, slot);
    if (lane != ABSENT) {
      set(at + 1, holders | (LANE_TOUCHED << lane));
    }
  }

  /** Whether a holder was touched; afterwards it is not. */
  boolean takeTouch(long key, int slot) {
    int at = require(key);
    long holders = cells[at + 1];
    if (isRow(holders)) {
      return rows.takeTouch((int) holders, slot);
    }
    long touched = LANE_TOUCHED << laneOf(holders, slot);
    set(at + 1, holders & ~touched);
    return (holders & touched) != 0;
  }

  /**
   * Adds a holder that is none yet.
   *
   * @return false, and nothing has changed, when the budget forbids it
   */
  boolean hold(long key, int slot) {
    int at = find(cells, key);
    if (at == ABSENT) {
      return insert(key, slot);
    }
    long holders = cells[at + 1];
    if (isRow(holders)) {
      if (!rows.widenFor(slot)) {
        return false;
      }
      rows.hold((int) holders, slot, false);
      return true;
    }
    for (int lane = 0; lane < Long.SIZE; lane += LANE_BITS) {
      if (((holders >>> lane) & LANE_SLOT) == 0) {
        set(at + 1, holders | ((slot + 1L) << lane));
        return true;
      }
    }
    return moveToRow(at, holders, slot);
  }

  /** Removes a holder, and the block after its last one. */
  void release(long key, int slot) {
    int at = require(key);
    long holders = cells[at + 1];
    if (isRow(holders)) {
      if (rows.release((int) holders, slot)) {
        remove(at);
      }
      return;
    }
    long rest = holders & ~((LANE_TOUCHED | LANE_SLOT) << laneOf(holders, slot));
    if (rest == 0) {
      remove(at);
    } else {
      set(at + 1, rest);
    }
  }

  private boolean moveToRow(int at, long holders, int slot) {
    int highest = slot;
    for (int lane = 0; lane < Long.SIZE; lane += LANE_BITS) {
      highest = Math.max(highest, (int) ((holders >>> lane) & LANE_SLOT) - 1);
    }
    if (!rows.widenFor(highest)) {
      return false;
    }
    int row = rows.allocate();
    if (row == HolderRows.NONE) {
      return false;
    }
    for (int lane = 0; lane < Long.SIZE; lane += LANE_BITS) {
      boolean isTouched = ((holders >>> lane) & LANE_TOUCHED) != 0;
      rows.hold(row, (int) ((holders >>> lane) & LANE_SLOT) - 1, isTouched);
    }
    rows.hold(row, slot, false);
    set(at + 1, ROW_MARK | row);
    return true;
  }

  private boolean insert(long key, int slot) {
    if (!hasRoom()) {
      return false;
    }
    put(cells, key, slot + 1L);
    size.setRelease(size.getPlain() + 1);
    return true;
  }

  /** Three quarters full, the table grows; if it may not, it fills up to seven eighths. */
  private boolean hasRoom() {
    int capacity = cells.length / 2;
    int filled = size.getPlain();
    return filled < capacity - capacity / 4 || grow(capacity) || filled < capacity - capacity / 8;
  }

  private boolean grow(int capacity) {
    // by a quarter: the memory in use stays close to the memory needed
    long length = 2L * (capacity + Math.max(MIN_CELLS, capacity / 4));
    if (length > Integer.MAX_VALUE - 8 || !budget.take(ByteBudget.ofLongs(length))) {
      return false;
    }
    long[] before = cells;
    long[] after = new long[(int) length];
    for (int at = 0; at < before.length; at += 2) {
      if (before[at] != 0) {
        put(after, before[at], before[at + 1]);
      }
    }
    cells = after;
    budget.give(ByteBudget.ofLongs(before.length));
    return true;
  }

  private static void put(long[] cells, long key, long holders) {
    int at = home(key, cells.length);
    while (cells[at] != 0) {
      at = next(at, cells.length);
    }
    WORD.setOpaque(cells, at + 1, holders);
    WORD.setRelease(cells, at, key); // last: who finds the key finds its holders
  }

  private void remove(int at) {
    long[] current = cells;
    int gap = at;
    for (int i = next(gap, current.length); current[i] != 0; i = next(i, current.length)) {
      int home = home(current[i], current.length);
      if (distance(home, i, current.length) >= distance(gap, i, current.length)) {
        set(gap + 1, current[i + 1]);
        set(gap, current[i]);
        gap = i;
      }
    }
    set(gap, 0);
    set(gap + 1, 0);
    size.setRelease(size.getPlain() - 1);
  }

  private static int find(long[] cells, long key) {
    int at = home(key, cells.length);
    for (int probes = cells.length / 2; probes > 0; probes--) {
      long found = (long) WORD.getAcquire(cells, at);
      if (found == key) {
        return at;
      }
      if (found == 0) {
        return ABSENT;
      }
      at = next(at, cells.length);
    }
    return ABSENT;
  }

  private int require(long key) {
    int at = find(cells, key);
    if (at == ABSENT) {
      throw new IllegalStateException("a queued block is in no table");
    }
    return at;
  }

  /** Keys are mixed hashes, so their upper bits spread evenly over any number of cells. */
  private static int home(long key, int length) {
    return 2 * (int) Math.unsignedMultiplyHigh(key, length / 2);
  }

  private static int next(int at, int length) {
    return at + 2 == length ? 0 : at + 2;
  }

  private static int distance(int from, int to, int length) {
    return to >= from ? to - from : to - from + length;
  }

  private static boolean isRow(long holders) {
    return (holders & LANE_4) == ROW_MARK;
  }

  /** The bit at which the slot's lane starts. */
  private static int laneOf(long holders, int slot) {
    for (int lane = 0; lane < Long.SIZE; lane += LANE_BITS) {
      if (((holders >>> lane) & LANE_SLOT) == slot + 1) {
        return lane;
      }
    }
    return ABSENT;
  }

  private void set(int at, long word) {
    WORD.setOpaque(cells, at, word);
  }
}
