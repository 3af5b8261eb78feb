package ai.llmd.epp.adapter.extproc.body;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Finds bytes in bytes, eight places at a time. */
public final class ByteSearch {

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long LOW_BITS = 0x7F * ONES;

  private ByteSearch() {}

  /** First place of a byte between two places; -1 when there is none. */
  public static int indexOf(byte[] bytes, int from, int to, byte wanted) {
    long pattern = (wanted & 0xFF) * ONES;
    int i = from;
    for (; i <= to - 8; i += 8) {
      long zeros = zeroBytes((long) WORD.get(bytes, i) ^ pattern);
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  /**
   * First place of a text of two bytes or more that lies wholly between two places; -1 when there
   * is none. The first two bytes are looked for in eight places at a time, the rest is compared.
   */
  public static int indexOf(byte[] bytes, int from, int to, byte[] wanted) {
    long first = (wanted[0] & 0xFF) * ONES;
    long second = (wanted[1] & 0xFF) * ONES;
    int last = to - wanted.length;
    int i = from;
    for (; i <= to - 9; i += 8) {
      long differences =
          ((long) WORD.get(bytes, i) ^ first) | ((long) WORD.get(bytes, i + 1) ^ second);
      for (long zeros = zeroBytes(differences); zeros != 0; zeros &= zeros - 1) {
        int place = i + (Long.numberOfTrailingZeros(zeros) >>> 3);
        if (place <= last && startsWith(bytes, place, to, wanted)) {
          return place;
        }
      }
    }
    for (; i <= last; i++) {
      if (startsWith(bytes, i, to, wanted)) {
        return i;
      }
    }
    return -1;
  }

  /** High bit of each byte that is 0, and of no other (no borrow runs from byte to byte). */
  private static long zeroBytes(long word) {
    return ~(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
  }

  static boolean startsWith(byte[] bytes, int from, int to, byte[] wanted) {
    return to - from >= wanted.length
        && Arrays.equals(bytes, from, from + wanted.length, wanted, 0, wanted.length);
  }
}
