package ai.llmd.epp.domain.kvcache;

import ai.llmd.epp.domain.prefix.ByteBudget;
import java.util.Arrays;

/*
 * Rows of 4, 8, 16 … 32768 ints. A handle is negative: mark, size (4 bits), number (27 bits). Freed rows are zeroed and
 * taken again. A reader of a row that is freed meanwhile sees zeros, or what another holds: see KvBlockIndex.
 */
/** Rows of ints of different sizes, within a budget. One thread writes, any reads. */
final class RowPool {

  static final int MIN_SIZE = 2;
  static final int MAX_SIZE = 15;

  private static final int NUMBER_BITS = 27;
  private static final int MAX_NUMBER = (1 << NUMBER_BITS) - 1;
  private static final int CHUNK_SIZE = 10;
  private static final int REFERENCE = 8;

  private final ByteBudget budget;
  private final Size[] sizes = new Size[MAX_SIZE + 1];

  RowPool(ByteBudget budget) {
    this.budget = budget;
    Arrays.setAll(sizes, Size::new);
  }

  /**
   * A row of zeros.
   *
   * @param size its length as a power of two, 2 to 15
   * @return its handle, or 0 when the budget is spent
   */
  int take(int size) {
    return sizes[size].take();
  }

  /** Frees a row. */
  void give(int handle) {
    sizes[size(handle)].give(handle & MAX_NUMBER);
  }

  static int size(int handle) {
    return handle >>> NUMBER_BITS & 0xf;
  }

  static int length(int handle) {
    return 1 << size(handle);
  }

  /** The array that the row is in, from {@link #start} on; empty when it cannot be seen yet. */
  int[] array(int handle) {
    return sizes[size(handle)].array(handle & MAX_NUMBER);
  }

  static int start(int handle) {
    int size = size(handle);
    int inChunk = Math.max(0, CHUNK_SIZE - size);
    return (handle & (1 << inChunk) - 1) << size;
  }

  /** All rows of one size. */
  private final class Size {

    private final int size;
    private final int inChunk; // rows in a chunk, as a power of two
    private volatile int[][] chunks = {};
    private int used;
    private int[] free = {};
    private int freed;

    Size(int size) {
      this.size = size;
      this.inChunk = Math.max(0, CHUNK_SIZE - size);
    }

    int take() {
      int number = freed > 0 ? free[--freed] : fresh();
      return number < 0 ? 0 : 1 << 31 | size << NUMBER_BITS | number;
    }

    void give(int number) {
      int handle = size << NUMBER_BITS | number;
      int start = start(handle);
      Arrays.fill(array(number), start, start + (1 << size), 0);
      if (freed == free.length) {
        int length = Math.max(16, freed + freed / 2);
        if (!budget.take(4L * (length - freed))) {
          return; // the row is lost until the index is; the budget is counted rightly
        }
        free = Arrays.copyOf(free, length);
      }
      free[freed++] = number;
    }

    int[] array(int number) {
      int[][] seen = chunks;
      int chunk = number >>> inChunk;
      return chunk < seen.length ? seen[chunk] : new int[0];
    }

    private int fresh() {
      int chunk = used >>> inChunk;
      if (used > MAX_NUMBER) {
        return -1;
      }
      if (chunk == chunks.length) {
        int ints = 1 << (inChunk + size);
        if (!budget.take(ByteBudget.ARRAY_HEADER + 4L * ints + REFERENCE)) {
          return -1;
        }
        int[][] more = Arrays.copyOf(chunks, chunk + 1);
        more[chunk] = new int[ints];
        chunks = more;
      }
      return used++;
    }
  }
}
