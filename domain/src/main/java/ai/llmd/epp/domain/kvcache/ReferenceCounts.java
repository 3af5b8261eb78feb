package ai.llmd.epp.domain.kvcache;

import ai.llmd.epp.domain.prefix.ByteBudget;

/**
 * How often beyond the first time a holder announced a block and did not take it back. Most blocks
 * are announced once and are not here. One thread at a time.
 *
 * <p>When the budget is spent, a further announcement is not counted: the block is then forgotten
 * too early, never too late.
 */
final class ReferenceCounts {

  private static final int MIN_CELLS = 16;
  private static final int CELL_BYTES = Long.BYTES + 2 * Integer.BYTES;

  private final ByteBudget budget;
  private final long seed;
  private long[] keys = {};
  private int[] holders = {}; // 0: an empty cell
  private int[] counts = {};
  private int size;

  /**
   * @param seed of where keys are kept; a secret, as model servers choose keys
   */
  ReferenceCounts(ByteBudget budget, long seed) {
    this.budget = budget;
    this.seed = seed;
  }

  int size() {
    return size;
  }

  void increment(long key, int holder) {
    if (size * 3L >= keys.length * 2L && !resize(Math.max(MIN_CELLS, 2 * keys.length))) {
      return;
    }
    int at = find(key, holder);
    if (holders[at] == 0) {
      keys[at] = key;
      holders[at] = holder;
      size++;
    }
    counts[at]++;
  }

  /** Takes one back; false when there was none. */
  boolean decrement(long key, int holder) {
    if (size == 0) {
      return false;
    }
    int at = find(key, holder);
    if (holders[at] == 0) {
      return false;
    }
    counts[at]--;
    if (counts[at] == 0) {
      removeAt(at);
    }
    return true;
  }

  /** How often beyond the first time. */
  int count(long key, int holder) {
    return size == 0 ? 0 : counts[find(key, holder)];
  }

  void forgetSlot(int slot) {
    for (int i = 0; size > 0 && i < keys.length; i++) {
      while (holders[i] != 0 && HolderSets.slot(holders[i]) == slot) {
        removeAt(i); // another may take its place
      }
    }
  }

  private void removeAt(int removed) {
    size--;
    int gap = removed;
    int at = removed;
    while (true) {
      at = at + 1 & keys.length - 1;
      if (holders[at] == 0) {
        holders[gap] = 0;
        counts[gap] = 0;
        return;
      }
      int wanted = place(keys[at], holders[at]);
      boolean isBetween = gap <= at ? gap < wanted && wanted <= at : gap < wanted || wanted <= at;
      if (!isBetween) {
        keys[gap] = keys[at];
        holders[gap] = holders[at];
        counts[gap] = counts[at];
        gap = at;
      }
    }
  }

  private int find(long key, int holder) {
    int at = place(key, holder);
    while (holders[at] != 0 && !(holders[at] == holder && keys[at] == key)) {
      at = at + 1 & keys.length - 1;
    }
    return at;
  }

  private boolean resize(int cells) {
    if (!budget.take((long) CELL_BYTES * cells)) {
      return false;
    }
    long[] oldKeys = keys;
    int[] oldHolders = holders;
    int[] oldCounts = counts;
    keys = new long[cells];
    holders = new int[cells];
    counts = new int[cells];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldHolders[i] != 0) {
        int at = find(oldKeys[i], oldHolders[i]);
        keys[at] = oldKeys[i];
        holders[at] = oldHolders[i];
        counts[at] = oldCounts[i];
      }
    }
    budget.give((long) CELL_BYTES * oldKeys.length);
    return true;
  }

  private int place(long key, int holder) {
    long h = (key ^ seed ^ holder * 0x9E3779B97F4A7C15L) * 0xD6E8FEB86659FD93L;
    h = (h ^ h >>> 32) * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 32) & keys.length - 1;
  }
}
