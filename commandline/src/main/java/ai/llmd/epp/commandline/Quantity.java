package ai.llmd.epp.commandline;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Kubernetes quantities: {@code 1Gi}, {@code 500M}, {@code 1k}, {@code 1500m}, {@code 2e3}, {@code
 * 100}.
 */
public final class Quantity {

  private static final Pattern FORM =
      Pattern.compile("([+-]?(?:\\d+\\.?\\d*|\\.\\d+))(|[numkMGTPE]|[KMGTPE]i|[eE][+-]?\\d{1,3})");

  private static final Map<String, BigDecimal> FACTORS =
      Map.ofEntries(
          Map.entry("", BigDecimal.ONE),
          Map.entry("n", BigDecimal.ONE.scaleByPowerOfTen(-9)),
          Map.entry("u", BigDecimal.ONE.scaleByPowerOfTen(-6)),
          Map.entry("m", BigDecimal.ONE.scaleByPowerOfTen(-3)),
          Map.entry("k", BigDecimal.TEN.pow(3)),
          Map.entry("M", BigDecimal.TEN.pow(6)),
          Map.entry("G", BigDecimal.TEN.pow(9)),
          Map.entry("T", BigDecimal.TEN.pow(12)),
          Map.entry("P", BigDecimal.TEN.pow(15)),
          Map.entry("E", BigDecimal.TEN.pow(18)),
          Map.entry("Ki", binary(10)),
          Map.entry("Mi", binary(20)),
          Map.entry("Gi", binary(30)),
          Map.entry("Ti", binary(40)),
          Map.entry("Pi", binary(50)),
          Map.entry("Ei", binary(60)));

  private Quantity() {}

  /**
   * Reads a quantity; a fraction is rounded up.
   *
   * @throws IllegalArgumentException when the text is none, or beyond 64 bits
   */
  public static long parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "must be a quantity such as 1Gi, 500M or 100, was \"" + text + '"');
    }
    BigDecimal number = new BigDecimal(form.group(1));
    String suffix = form.group(2);
    BigDecimal factor = FACTORS.get(suffix);
    BigDecimal value =
        factor != null
            ? number.multiply(factor)
            : number.scaleByPowerOfTen(Integer.parseInt(suffix.substring(1)));
    try {
      return value.setScale(0, RoundingMode.CEILING).longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("quantity \"" + text + "\" is too large", e);
    }
  }

  private static BigDecimal binary(int bits) {
    return new BigDecimal(BigInteger.ONE.shiftLeft(bits));
  }
}
