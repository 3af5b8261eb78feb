package ai.llmd.epp.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The inside of JSON strings: runs that mean themselves, UTF-8 sequences, escapes.
 *
 * <p>Invalid UTF-8 and lone surrogates are accepted and stand for U+FFFD, one for each invalid byte
 * or escape, as in Go's {@code encoding/json}.
 */
final class StringSyntax {

  static final int REPLACEMENT = 0xFFFD;

  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;
  private static final long SPACES = ' ' * ONES;
  private static final long QUOTES = '"' * ONES;
  private static final long BACKSLASHES = '\\' * ONES;
  private static final long AMPERSANDS = '&' * ONES;
  private static final long GREATER_THANS = '>' * ONES;
  private static final long ANGLE_DIFFERENCE = ('<' ^ '>') * ONES;

  private StringSyntax() {}

  /**
   * First place at or after {@code from} that holds a quote, a backslash, a control character or a
   * byte outside ASCII; {@code end} when there is none.
   */
  static int plainEnd(byte[] bytes, int from, int end) {
    int i = from;
    for (; i <= end - 8; i += 8) {
      long stops = stops((long) WORD.get(bytes, i));
      if (stops != 0) {
        return i + (Long.numberOfTrailingZeros(stops) >>> 3);
      }
    }
    while (i < end && isPlain(bytes[i])) {
      i++;
    }
    return i;
  }

  /**
   * High bit of each byte that is not plain. Eight bytes at a time: subtracting wraps into the high
   * bit exactly for what is below (a quote or backslash XORed to 0 is below 1, a control character
   * below the space). A borrow can spoil only the bytes after a real stop, and only the first stop
   * is used.
   */
  private static long stops(long word) {
    long quotes = (word ^ QUOTES) - ONES;
    long backslashes = (word ^ BACKSLASHES) - ONES;
    long controls = word - SPACES;
    return (quotes | backslashes | controls | word) & HIGH_BITS;
  }

  /**
   * As {@link #plainEnd}, but {@code <}, {@code >} and {@code &} end the run too: the bytes before
   * are the same in the body and in canonical JSON.
   */
  static int canonicalEnd(byte[] bytes, int from, int end) {
    int i = from;
    for (; i <= end - 8; i += 8) {
      long word = (long) WORD.get(bytes, i);
      long angles = ((word | ANGLE_DIFFERENCE) ^ GREATER_THANS) - ONES;
      long ampersands = (word ^ AMPERSANDS) - ONES;
      long stops = stops(word) | ((angles | ampersands) & HIGH_BITS);
      if (stops != 0) {
        return i + (Long.numberOfTrailingZeros(stops) >>> 3);
      }
    }
    while (i < end && isPlain(bytes[i]) && "<>&".indexOf(bytes[i]) < 0) {
      i++;
    }
    return i;
  }

  private static boolean isPlain(byte b) {
    return b >= ' ' && b != '"' && b != '\\';
  }

  /** Length of the UTF-8 sequence outside ASCII that starts at {@code i}; 1 when it is invalid. */
  static int utf8Width(byte[] bytes, int i, int end) {
    int lead = bytes[i] & 0xFF;
    if (lead >= 0xE1 && lead <= 0xEC && end - i >= 3) { // most of the world's scripts
      return isContinuation(bytes[i + 1]) && isContinuation(bytes[i + 2]) ? 3 : 1;
    }
    return lead < 0xC2 || lead > 0xF4 ? 1 : anyWidth(bytes, i, end, lead);
  }

  private static int anyWidth(byte[] bytes, int i, int end, int lead) {
    int width = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (end - i < width) {
      return 1;
    }
    int second = bytes[i + 1] & 0xFF;
    if (second < lowestSecond(lead) || second > highestSecond(lead)) {
      return 1;
    }
    for (int k = 2; k < width; k++) {
      if (!isContinuation(bytes[i + k])) {
        return 1;
      }
    }
    return width;
  }

  private static boolean isContinuation(byte b) {
    return (b & 0xC0) == 0x80;
  }

  /** Excludes overlong forms (RFC 3629, section 4). */
  private static int lowestSecond(int lead) {
    return switch (lead) {
      case 0xE0 -> 0xA0;
      case 0xF0 -> 0x90;
      default -> 0x80;
    };
  }

  /** Excludes surrogates and what lies beyond U+10FFFF (RFC 3629, section 4). */
  private static int highestSecond(int lead) {
    return switch (lead) {
      case 0xED -> 0x9F;
      case 0xF4 -> 0x8F;
      default -> 0xBF;
    };
  }

  static int utf8Length(int codePoint) {
    return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }

  /** The code point that the escape at {@code i} stands for; -1 when it is broken or cut off. */
  static int escaped(byte[] bytes, int i, int end) {
    if (end - i < 2) {
      return -1;
    }
    return switch (bytes[i + 1]) {
      case '"' -> '"';
      case '\\' -> '\\';
      case '/' -> '/';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicodeEscaped(bytes, i, end);
      default -> -1;
    };
  }

  private static int unicodeEscaped(byte[] bytes, int i, int end) {
    int unit = codeUnit(bytes, i, end);
    if (unit < Character.MIN_SURROGATE || unit > Character.MAX_SURROGATE) {
      return unit;
    }
    int next = unit <= Character.MAX_HIGH_SURROGATE ? codeUnit(bytes, i + 6, end) : -1;
    boolean isPair = next >= Character.MIN_LOW_SURROGATE && next <= Character.MAX_LOW_SURROGATE;
    return isPair ? Character.toCodePoint((char) unit, (char) next) : REPLACEMENT;
  }

  /** The code unit of the escape of the form {@code \}{@code uXXXX} at {@code i}; -1 if none. */
  private static int codeUnit(byte[] bytes, int i, int end) {
    if (end - i < 6 || bytes[i] != '\\' || bytes[i + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int k = i + 2; k < i + 6; k++) {
      int digit = hexDigit(bytes[k]);
      if (digit < 0) {
        return -1;
      }
      unit = (unit << 4) | digit;
    }
    return unit;
  }

  static int hexDigit(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    int lower = b | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /** Bytes that the escape at {@code i} takes up, given the code point it stands for. */
  static int escapeWidth(byte[] bytes, int i, int codePoint) {
    return bytes[i + 1] != 'u' ? 2 : codePoint < 0x10000 ? 6 : 12;
  }
}
