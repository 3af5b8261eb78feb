package ai.llmd.epp.json;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** Numbers as they stand in a body. Spans must hold a valid JSON number. */
final class JsonNumber {

  /** Integers of up to this many digits are exact as doubles, and in a long. */
  static final int EXACT_DIGITS = 15;

  private JsonNumber() {}

  /** The nearest double; infinite when the number is too large for one. */
  static double toDouble(byte[] bytes, int start, int end) {
    return isShortInteger(bytes, start, end)
        ? shortInteger(bytes, start, end)
        : Double.parseDouble(ascii(bytes, start, end));
  }

  /** Digits only, perhaps with a sign, few enough to be exact; -0 is none of them. */
  static boolean isShortInteger(byte[] bytes, int start, int end) {
    boolean isNegative = bytes[start] == '-';
    int first = isNegative ? start + 1 : start;
    if (end - first > EXACT_DIGITS || (isNegative && bytes[first] == '0')) {
      return false;
    }
    for (int i = first; i < end; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return false;
      }
    }
    return true;
  }

  private static long shortInteger(byte[] bytes, int start, int end) {
    boolean isNegative = bytes[start] == '-';
    long value = 0;
    for (int i = isNegative ? start + 1 : start; i < end; i++) {
      value = value * 10 + (bytes[i] - '0');
    }
    return isNegative ? -value : value;
  }

  /** Whether the literal is a plain integer (no fraction, no exponent). */
  static boolean isInteger(byte[] bytes, int start, int end) {
    for (int i = start; i < end; i++) {
      if (bytes[i] == '.' || bytes[i] == 'e' || bytes[i] == 'E') {
        return false;
      }
    }
    return true;
  }

  static String ascii(byte[] bytes, int start, int end) {
    return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
  }

  /**
   * A double as Go's {@code encoding/json} writes it: shortest digits that read back the same, with
   * an exponent below 1e-6 and from 1e21 on.
   */
  static String canonical(double value) {
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    double magnitude = Math.abs(value);
    if (magnitude >= 1e-6 && magnitude < 1e21) {
      return shortest.toPlainString();
    }
    String digits = shortest.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - shortest.scale();
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + (digits.length() > 1 ? "." + digits.substring(1) : "")
        + (exponent < 0 ? "e" : "e+")
        + exponent;
  }
}
