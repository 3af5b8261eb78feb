package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Numbers as the Prometheus text format writes them: decimals with an optional exponent, {@code
 * NaN} and {@code Inf} in any case; no hexadecimal digits and no underscores.
 */
final class NumberText {

  private static final double[] POWER_OF_TEN = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18
  };
  private static final long EXACT = 1L << 53;

  private NumberText() {}

  /** Whether these bytes are a number of the format. */
  static boolean isNumber(byte[] text, int from, int to) {
    int at = afterSign(text, from, to);
    if (isNamed(text, at, to)) {
      return at == from || !isWord(text, at, to, "nan"); // as in Go, NaN has no sign
    }
    int digits = at;
    at = afterDigits(text, at, to);
    int count = at - digits;
    if (at < to && text[at] == '.') {
      int fraction = at + 1;
      at = afterDigits(text, fraction, to);
      count += at - fraction;
    }
    if (count == 0) {
      return false;
    }
    if (at < to && (text[at] | 0x20) == 'e') {
      int exponent = afterSign(text, at + 1, to);
      at = afterDigits(text, exponent, to);
      if (at == exponent) {
        return false;
      }
    }
    return at == to && !overflows(text, from, to);
  }

  /** The number; only if {@link #isNumber}. */
  static double parse(byte[] text, int from, int to) {
    long mantissa = 0;
    int scale = 0;
    boolean hasFraction = false;
    int at = afterSign(text, from, to);
    // At most 18 digits cannot overflow. A mantissa below 2^53 and a power of ten up to 10^22 are
    // both exact as doubles, so one division rounds once: correctly (Clinger 1990, the fast path).
    for (int digits = 0; at < to && digits < 18; at++) {
      byte c = text[at];
      if (c == '.') {
        hasFraction = true;
      } else if (c >= '0' && c <= '9') {
        mantissa = 10 * mantissa + (c - '0');
        digits++;
        scale += hasFraction ? 1 : 0;
      } else {
        break;
      }
    }
    if (at < to || mantissa > EXACT) {
      return parseSlowly(text, from, to);
    }
    double value = mantissa / POWER_OF_TEN[scale];
    return text[from] == '-' ? -value : value;
  }

  private static double parseSlowly(byte[] text, int from, int to) {
    int at = afterSign(text, from, to);
    if (isNamed(text, at, to)) {
      if (isWord(text, at, to, "nan")) {
        return Double.NaN;
      }
      return text[from] == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return Double.parseDouble(new String(text, from, to - from, US_ASCII));
  }

  /** Only a large exponent or very many digits can leave the range of a double. */
  private static boolean overflows(byte[] text, int from, int to) {
    for (int at = from; at < to; at++) {
      if ((text[at] | 0x20) == 'e' || at - from > 300) {
        return Double.isInfinite(Double.parseDouble(new String(text, from, to - from, US_ASCII)));
      }
    }
    return false;
  }

  private static boolean isNamed(byte[] text, int from, int to) {
    return isWord(text, from, to, "nan")
        || isWord(text, from, to, "inf")
        || isWord(text, from, to, "infinity");
  }

  private static boolean isWord(byte[] text, int from, int to, String lowerCase) {
    if (to - from != lowerCase.length()) {
      return false;
    }
    for (int i = 0; i < lowerCase.length(); i++) {
      if ((text[from + i] | 0x20) != lowerCase.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int afterSign(byte[] text, int from, int to) {
    return from < to && (text[from] == '-' || text[from] == '+') ? from + 1 : from;
  }

  private static int afterDigits(byte[] text, int from, int to) {
    int at = from;
    while (at < to && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    return at;
  }
}
