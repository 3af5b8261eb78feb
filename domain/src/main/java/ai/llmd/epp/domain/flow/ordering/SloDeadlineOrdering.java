package ai.llmd.epp.domain.flow.ordering;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import ai.llmd.epp.domain.flow.QueuedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import org.jspecify.annotations.Nullable;

/**
 * By the time at which the client expects the first token: when the request came, and as many
 * milliseconds as its header {@code x-llm-d-slo-ttft-ms} (or {@code x-slo-ttft-ms}) has. A request
 * without a usable one is last; among equals the one that came first is first.
 */
public final class SloDeadlineOrdering implements OrderingPolicy {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("slo-deadline-ordering-policy", SloDeadlineOrdering::new);

  private static final String TTFT = "x-llm-d-slo-ttft-ms";
  private static final String TTFT_ALIAS = "x-slo-ttft-ms";
  private static final long NANOS_PER_MILLI = 1_000_000;

  @Override
  public int compare(QueuedRequest first, QueuedRequest second) {
    int order = Long.compare(first.firstTokenDue(), second.firstTokenDue());
    return order != 0 ? order : Long.compare(first.receivedAt(), second.receivedAt());
  }

  /**
   * When the client of a request expects its first token.
   *
   * @param receivedAt when it came, in nanoseconds since some start, 0 or more
   * @return {@link QueuedRequest#NEVER} when no header has a whole number of milliseconds, 0 or
   *     more
   */
  public static long firstTokenDue(RequestHeaders headers, long receivedAt) {
    @Nullable String text = headers.value(TTFT, TTFT_ALIAS);
    if (text == null) {
      return QueuedRequest.NEVER;
    }
    try {
      long millis = millis(text.strip());
      return millis < 0
          ? QueuedRequest.NEVER
          : Math.addExact(receivedAt, Math.multiplyExact(millis, NANOS_PER_MILLI));
    } catch (NumberFormatException | ArithmeticException e) {
      return QueuedRequest.NEVER;
    }
  }

  private static long millis(String digits) {
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) > '9') { // digits of other scripts are none
        throw new NumberFormatException("not a whole number");
      }
    }
    return Long.parseLong(digits);
  }
}
