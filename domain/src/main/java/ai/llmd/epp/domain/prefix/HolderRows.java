package ai.llmd.epp.domain.prefix;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Bitsets for the blocks that many endpoints hold. A row has {@code width} words of holders and as
 * many of touched bits. Free rows form a list through their first touched word; their holder words
 * are zero.
 *
 * <p>One thread writes, any reads. The rows and their width are published together. A reader may
 * have read a row's number just before the row was freed or given to another block: it then counts
 * no holder, or the other block's holders, each at most once. A number beyond its array (the array
 * was replaced in between) counts as no holder.
 */
final class HolderRows {

  /** No row: the list ends here, or there is no room. */
  static final int NONE = -1;

  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int MIN_ROWS = 8;

  /** All rows, one behind the other. */
  private static final class Rows {
    final long[] words;
    final int width;

    Rows(long[] words, int width) {
      this.words = words;
      this.width = width;
    }

    int capacity() {
      return words.length / (2 * width);
    }

    int touchedAt(int row) {
      return (2 * row + 1) * width;
    }

    int holdersAt(int row) {
      return 2 * row * width;
    }
  }

  private final ByteBudget budget;
  private volatile Rows rows = new Rows(new long[0], 1);

  // the writer's
  private int used;
  private int firstFree = NONE;

  HolderRows(ByteBudget budget) {
    this.budget = budget;
  }

  /**
   * Adds one for every holder. Any thread.
   *
   * @return whether there is a holder
   */
  boolean count(int row, int[] counters) {
    Rows current = rows;
    if (row < 0 || row >= current.capacity()) {
      return false;
    }
    int from = current.holdersAt(row);
    long any = 0;
    for (int i = 0; i < current.width; i++) {
      long word = (long) WORD.getOpaque(current.words, from + i);
      any |= word;
      for (long rest = word; rest != 0; rest &= rest - 1) {
        int slot = Long.SIZE * i + Long.numberOfTrailingZeros(rest);
        if (slot < counters.length) {
          counters[slot]++;
        }
      }
    }
    return any != 0;
  }

  /** An empty row, or {@link #NONE} when the budget forbids more. */
  int allocate() {
    if (firstFree != NONE) {
      int row = firstFree;
      Rows current = rows;
      firstFree = (int) current.words[current.touchedAt(row)];
      set(current.touchedAt(row), 0);
      return row;
    }
    int capacity = rows.capacity();
    if (used == capacity && !resize(capacity + Math.max(MIN_ROWS, capacity / 4), rows.width)) {
      return NONE;
    }
    return used++;
  }

  /** Makes sure that rows have a bit for the slot; false when the budget forbids it. */
  boolean widenFor(int slot) {
    Rows current = rows;
    int width = current.width;
    while (slot >= Long.SIZE * width) {
      width *= 2;
    }
    return width == current.width || resize(current.capacity(), width);
  }

  /** Makes a slot within the width a holder. */
  void hold(int row, int slot, boolean isTouched) {
    add(rows.holdersAt(row), slot);
    if (isTouched) {
      add(rows.touchedAt(row), slot);
    }
  }

  boolean holds(int row, int slot) {
    return slot < Long.SIZE * rows.width && has(rows.holdersAt(row), slot);
  }

  void touch(int row, int slot) {
    add(rows.touchedAt(row), slot);
  }

  /** Whether the slot was touched; afterwards it is not. */
  boolean takeTouch(int row, int slot) {
    boolean wasTouched = has(rows.touchedAt(row), slot);
    remove(rows.touchedAt(row), slot);
    return wasTouched;
  }

  /**
   * Removes a holder, and frees the row after the last one.
   *
   * @return whether the row was freed
   */
  boolean release(int row, int slot) {
    Rows current = rows;
    remove(current.holdersAt(row), slot);
    remove(current.touchedAt(row), slot);
    for (int i = 0; i < current.width; i++) {
      if (current.words[current.holdersAt(row) + i] != 0) {
        return false;
      }
    }
    set(current.touchedAt(row), firstFree);
    firstFree = row;
    return true;
  }

  private boolean resize(int capacity, int width) {
    Rows before = rows;
    long length = 2L * capacity * width;
    if (length > Integer.MAX_VALUE - 8 || !budget.take(ByteBudget.ofLongs(length))) {
      return false;
    }
    var after = new Rows(new long[(int) length], width);
    for (int row = 0; row < used; row++) {
      copy(before, before.holdersAt(row), after, after.holdersAt(row));
      copy(before, before.touchedAt(row), after, after.touchedAt(row));
    }
    rows = after;
    if (before.words.length > 0) {
      budget.give(ByteBudget.ofLongs(before.words.length));
    }
    return true;
  }

  private static void copy(Rows before, int from, Rows after, int to) {
    System.arraycopy(before.words, from, after.words, to, before.width);
  }

  private boolean has(int from, int slot) {
    return (rows.words[from + slot / Long.SIZE] & (1L << slot)) != 0;
  }

  private void add(int from, int slot) {
    int at = from + slot / Long.SIZE;
    set(at, rows.words[at] | (1L << slot));
  }

  private void remove(int from, int slot) {
    int at = from + slot / Long.SIZE;
    set(at, rows.words[at] & ~(1L << slot));
  }

  private void set(int at, long word) {
    WORD.setOpaque(rows.words, at, word);
  }
}
