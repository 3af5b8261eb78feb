package ai.llmd.epp.adapter.extproc.body;

import java.util.Arrays;

/**
 * Gathers token ids, up to {@value #MAX_IDS}: what comes behind them has no part in routing. Each
 * takes four bytes, and three times as many for a moment, where a body has two.
 */
public final class TokenIdList {

  /** More than any model takes. */
  static final int MAX_IDS = 1 << 22;

  private int[] ids = new int[16];
  private int size;

  /** Whether the number is an unsigned 32-bit integer. */
  public static boolean isTokenId(double number) {
    return number >= 0 && number <= 0xFFFF_FFFFL && number == Math.rint(number);
  }

  /** Adds an id for which {@link #isTokenId} holds. */
  public void add(double id) {
    addUnsigned((int) (long) id);
  }

  /** Adds an id by its 32 bits. */
  public void addUnsigned(int id) {
    if (size == MAX_IDS) {
      return;
    }
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, Math.min(MAX_IDS, size + (size >> 1)));
    }
    ids[size++] = id;
  }

  public int size() {
    return size;
  }

  public int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
