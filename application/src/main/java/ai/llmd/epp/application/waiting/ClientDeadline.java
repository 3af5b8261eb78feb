package ai.llmd.epp.application.waiting;

import ai.llmd.epp.domain.request.RequestHeaders;
import java.math.BigDecimal;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How long the client, or a proxy before the gateway, waits for an answer, as its headers have it.
 * The least of several counts; what cannot be read counts for nothing.
 */
final class ClientDeadline {

  /** Of gRPC: digits and one of {@code H M S m u n}. */
  private static final String GRPC = "grpc-timeout";

  private static final int MAX_GRPC_DIGITS = 8;
  private static final int MAX_LENGTH = 20;
  private static final BigDecimal MILLISECOND = BigDecimal.valueOf(1_000_000);
  private static final BigDecimal SECOND = BigDecimal.valueOf(1_000_000_000);
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE / 4);

  /** Instead of a time, where there is none. */
  static final long NONE = Long.MAX_VALUE;

  private ClientDeadline() {}

  /**
   * The time that is given, in nanoseconds; {@link #NONE} when none is.
   *
   * @param names headers to look at: one that ends in {@code -ms} has milliseconds, {@code
   *     grpc-timeout} has its own format, all others have seconds
   */
  static long nanos(RequestHeaders headers, List<String> names) {
    long least = NONE;
    for (String name : names) {
      String value = headers.value(name);
      if (value != null) {
        least = Math.min(least, read(name, value.strip()));
      }
    }
    return least;
  }

  private static long read(String name, String value) {
    if (value.isEmpty() || value.length() > MAX_LENGTH) {
      return NONE;
    }
    if (name.equals(GRPC)) {
      return ofGrpc(value);
    }
    BigDecimal unit = name.endsWith("-ms") ? MILLISECOND : SECOND;
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < '0' || c > '9') && c != '.') {
        return NONE;
      }
    }
    try {
      BigDecimal nanos = new BigDecimal(value).multiply(unit);
      return nanos.signum() <= 0 ? NONE : nanos.min(MOST).longValue(); // 0 is for none at all
    } catch (NumberFormatException e) {
      return NONE;
    }
  }

  private static long ofGrpc(String value) {
    int digits = value.length() - 1;
    if (digits < 1 || digits > MAX_GRPC_DIGITS) {
      return NONE;
    }
    long number = 0;
    for (int i = 0; i < digits; i++) {
      char c = value.charAt(i);
      if (c < '0' || c > '9') {
        return NONE;
      }
      number = 10 * number + (c - '0');
    }
    @Nullable TimeUnit unit =
        switch (value.charAt(digits)) {
          case 'H' -> TimeUnit.HOURS;
          case 'M' -> TimeUnit.MINUTES;
          case 'S' -> TimeUnit.SECONDS;
          case 'm' -> TimeUnit.MILLISECONDS;
          case 'u' -> TimeUnit.MICROSECONDS;
          case 'n' -> TimeUnit.NANOSECONDS;
          default -> null;
        };
    return unit == null ? NONE : unit.toNanos(number);
  }
}
