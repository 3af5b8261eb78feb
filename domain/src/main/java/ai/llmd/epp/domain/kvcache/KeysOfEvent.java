package ai.llmd.epp.domain.kvcache;

import java.util.Arrays;

/**
 * Whether an event names a key for the second time: asked for one key after the other, it looks at
 * each once, however many there are. One thread.
 */
final class KeysOfEvent {

  private static final int MIN_CELLS = 64;
  private static final int MAX_KEPT_CELLS = 4096;

  private final long seed;
  private long[] cells = new long[MIN_CELLS]; // open addressing; 0 is an empty one
  private int size;
  private boolean hasZero;
  private int noted; // so many keys of the event, from the first

  /**
   * @param seed of where keys are kept; a secret, as model servers choose keys
   */
  KeysOfEvent(long seed) {
    this.seed = seed;
  }

  /** Another event. */
  void begin() {
    if (noted == 0) {
      return;
    }
    noted = 0;
    hasZero = false;
    size = 0;
    if (cells.length > MAX_KEPT_CELLS) {
      cells = new long[MIN_CELLS];
    } else {
      Arrays.fill(cells, 0);
    }
  }

  /**
   * Whether a key of the event is one of those before it; not for one before the last asked for.
   */
  boolean isAmongFormer(long[] keys, int at) {
    for (; noted < at; noted++) {
      note(keys[noted]);
    }
    long key = keys[at];
    return key == 0 ? hasZero : cells[cell(key)] == key;
  }

  private void note(long key) {
    if (key == 0) {
      hasZero = true;
      return;
    }
    if (2 * size >= cells.length) {
      grow();
    }
    int cell = cell(key);
    size += cells[cell] == 0 ? 1 : 0;
    cells[cell] = key;
  }

  private void grow() {
    long[] old = cells;
    cells = new long[2 * old.length];
    for (long key : old) {
      if (key != 0) {
        cells[cell(key)] = key;
      }
    }
  }

  /** Where the key is, or would be. */
  private int cell(long key) {
    long h = (key ^ seed) * 0x9E3779B97F4A7C15L;
    h = (h ^ h >>> 32) * 0xD6E8FEB86659FD93L;
    int at = (int) (h >>> 32) & cells.length - 1;
    while (cells[at] != 0 && cells[at] != key) {
      at = at + 1 & cells.length - 1;
    }
    return at;
  }
}
