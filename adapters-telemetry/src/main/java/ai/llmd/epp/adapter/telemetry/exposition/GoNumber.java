package ai.llmd.epp.adapter.telemetry.exposition;

import java.math.BigDecimal;

/**
 * Spells numbers as Go's {@code strconv.FormatFloat(x, 'g', -1, 64)}: the fewest digits that read
 * back as the same number, and an exponent of two digits or more below 1e-4 and from 1e6 on.
 */
final class GoNumber {

  private static final int MAX_PLAIN = 1_000_000;

  private GoNumber() {}

  static String format(double value) {
    if (value == (int) value && Math.abs(value) < MAX_PLAIN) {
      return Integer.toString((int) value); // nearly all of a page
    }
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    BigDecimal shortest = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    return exponent < -4 || exponent >= 6
        ? scientific(shortest, exponent)
        : shortest.toPlainString();
  }

  private static String scientific(BigDecimal number, int exponent) {
    String digits = number.unscaledValue().abs().toString();
    String mantissa = digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
    int size = Math.abs(exponent);
    return (number.signum() < 0 ? "-" : "")
        + mantissa
        + (exponent < 0 ? "e-" : "e+")
        + (size < 10 ? "0" : "")
        + size;
  }
}
