package ai.llmd.epp.domain.objective;

import ai.llmd.epp.domain.request.RequestHeaders;
import org.jspecify.annotations.Nullable;

/**
 * How fast the client of a request wants its answer.
 *
 * @param ttftMillis most time to the first token; 0 when no header has a number
 * @param tpotMillis most time for each further token; 0 when no header has a number
 */
public record LatencyObjectives(double ttftMillis, double tpotMillis) {

  /** None is set. */
  public static final LatencyObjectives NONE = new LatencyObjectives(0, 0);

  /** Those of the headers {@code x-llm-d-slo-ttft-ms} and {@code x-llm-d-slo-tpot-ms}. */
  public static LatencyObjectives of(RequestHeaders headers) {
    String ttft = headers.value("x-llm-d-slo-ttft-ms", "x-slo-ttft-ms");
    String tpot = headers.value("x-llm-d-slo-tpot-ms", "x-slo-tpot-ms");
    return ttft == null && tpot == null ? NONE : new LatencyObjectives(number(ttft), number(tpot));
  }

  /** Whether either is more than 0. */
  public boolean isAnySet() {
    return ttftMillis > 0 || tpotMillis > 0;
  }

  private static double number(@Nullable String text) {
    if (text == null || text.isEmpty() || !isDecimal(text)) {
      return 0;
    }
    try {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? number : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Java reads some spellings of numbers that are none elsewhere. */
  private static boolean isDecimal(String text) {
    return text.chars().allMatch(c -> (c >= '0' && c <= '9') || "+-.eE".indexOf(c) >= 0);
  }
}
