package ai.llmd.epp.commandline;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go writes them: {@code 250ms}, {@code 1m30s}, {@code -1.5h}, {@code 0}. */
public final class GoDuration {

  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");
  private static final Map<String, Long> NANOS =
      Map.of(
          "ns", 1L,
          "us", 1_000L,
          "µs", 1_000L,
          "μs", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L);

  private static final List<String> UNITS = List.of("h", "m", "s", "ms", "us", "ns");

  private GoDuration() {}

  /**
   * Reads a duration; fractions of a nanosecond are cut off.
   *
   * @throws IllegalArgumentException when the text is none, or beyond 64 bits of nanoseconds
   */
  public static Duration parse(String text) {
    boolean isNegative = text.startsWith("-");
    String parts = isNegative || text.startsWith("+") ? text.substring(1) : text;
    if (parts.equals("0")) {
      return Duration.ZERO;
    }
    BigDecimal nanos = sum(parts, text);
    try {
      long exact = (isNegative ? nanos.negate() : nanos).longValueExact();
      return Duration.ofNanos(exact);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("duration \"" + text + "\" is too long", e);
    }
  }

  /**
   * Reads a duration that has no sign.
   *
   * @throws IllegalArgumentException as {@link #parse}, and when there is a sign
   */
  public static Duration parseUnsigned(String text) {
    if (text.startsWith("-") || text.startsWith("+")) {
      throw notADuration(text);
    }
    return parse(text);
  }

  /** The duration in the largest unit of which it is a whole number, as in {@code 90s}. */
  public static String format(Duration duration) {
    if (duration.isZero()) {
      return "0s";
    }
    long nanos = duration.toNanos();
    String unit = UNITS.stream().filter(one -> nanos % nanosOf(one) == 0).findFirst().orElseThrow();
    return nanos / nanosOf(unit) + unit;
  }

  private static long nanosOf(String unit) {
    return NANOS.getOrDefault(unit, 1L);
  }

  private static BigDecimal sum(String parts, String text) {
    Matcher part = PART.matcher(parts);
    BigDecimal nanos = BigDecimal.ZERO;
    int end = 0;
    while (end < parts.length()) {
      if (!part.find(end) || part.start() != end) {
        throw notADuration(text);
      }
      BigDecimal unit = BigDecimal.valueOf(nanosOf(part.group(2)));
      nanos =
          nanos.add(new BigDecimal(part.group(1)).multiply(unit).setScale(0, RoundingMode.DOWN));
      end = part.end();
    }
    if (end == 0) {
      throw notADuration(text);
    }
    return nanos;
  }

  private static IllegalArgumentException notADuration(String text) {
    return new IllegalArgumentException(
        "must be a duration such as 250ms or 1m30s, was \"" + text + '"');
  }
}
