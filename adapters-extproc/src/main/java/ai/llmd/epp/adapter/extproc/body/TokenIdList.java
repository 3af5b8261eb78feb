package ai.llmd.epp.adapter.extproc.body;

import java.util.Arrays;

/** Gathers token ids. */
final class TokenIdList {

  private int[] ids = new int[16];
  private int size;

  /** Whether the number is an unsigned 32-bit integer. */
  static boolean isTokenId(double number) {
    return number >= 0 && number <= 0xFFFF_FFFFL && number == Math.rint(number);
  }

  /** Adds an id for which {@link #isTokenId} holds. */
  void add(double id) {
    addUnsigned((int) (long) id);
  }

  /** Adds an id by its 32 bits. */
  void addUnsigned(int id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size + (size >> 1));
    }
    ids[size++] = id;
  }

  int size() {
    return size;
  }

  int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
