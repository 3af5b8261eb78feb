package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.request.RequestHeaders;
import org.jspecify.annotations.Nullable;

/**
 * The context of a trace as a header carries it ({@code traceparent}, W3C Trace Context, 3.2).
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 * @param isSampled whether the caller records the trace
 */
record TraceParent(String traceId, String spanId, boolean isSampled) {

  static final String HEADER = "traceparent";
  static final String STATE = "tracestate";
  static final String BAGGAGE = "baggage";

  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;
  private static final int LENGTH = 55;

  /** The context that the client sent; null without one that is valid. */
  static @Nullable TraceParent of(RequestHeaders headers) {
    String value = headers.value(HEADER);
    return value == null ? null : parse(value.strip());
  }

  static @Nullable TraceParent parse(String value) {
    if (!hasShape(value)) {
      return null;
    }
    String traceId = value.substring(TRACE_ID, SPAN_ID - 1);
    String spanId = value.substring(SPAN_ID, FLAGS - 1);
    if (isZero(traceId) || isZero(spanId)) {
      return null;
    }
    return new TraceParent(traceId, spanId, (Character.digit(value.charAt(FLAGS + 1), 16) & 1) > 0);
  }

  /** Of a later version than 0 more may follow, behind another dash. */
  private static boolean hasShape(String value) {
    if (value.length() < LENGTH
        || value.startsWith("ff")
        || (value.length() > LENGTH && (value.startsWith("00") || value.charAt(LENGTH) != '-'))) {
      return false;
    }
    for (int i = 0; i < LENGTH; i++) {
      char c = value.charAt(i);
      boolean isDash = i == TRACE_ID - 1 || i == SPAN_ID - 1 || i == FLAGS - 1;
      if (isDash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String digits) {
    return digits.chars().allMatch(digit -> digit == '0');
  }

  /** As a header carries it. */
  String header() {
    return "00-" + traceId + '-' + spanId + (isSampled ? "-01" : "-00");
  }
}
