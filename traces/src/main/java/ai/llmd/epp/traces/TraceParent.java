package ai.llmd.epp.traces;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import ai.llmd.epp.traces.span.TraceId;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The context of a trace as a header carries it ({@code traceparent}, W3C Trace Context, 3.2).
 *
 * @param spanId of the caller, not zero
 * @param isSampled whether the caller records the trace
 */
public record TraceParent(TraceId traceId, long spanId, boolean isSampled) {

  public static final String HEADER = "traceparent";
  public static final String STATE = "tracestate";
  public static final String BAGGAGE = "baggage";

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(ISO_8859_1);
  private static final int TRACE_ID = 3;
  private static final int TRACE_ID_LOW = 19;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;
  private static final int LENGTH = 55;

  /** Of a header's value, null for none; null unless it is valid. */
  public static @Nullable TraceParent of(@Nullable String value) {
    return value == null ? null : parse(value.strip());
  }

  static @Nullable TraceParent parse(String value) {
    if (!hasShape(value)) {
      return null;
    }
    return new TraceParent(
        new TraceId(
            HexFormat.fromHexDigitsToLong(value, TRACE_ID, TRACE_ID_LOW),
            HexFormat.fromHexDigitsToLong(value, TRACE_ID_LOW, SPAN_ID - 1)),
        HexFormat.fromHexDigitsToLong(value, SPAN_ID, FLAGS - 1),
        isSampled(value));
  }

  private static boolean isSampled(String value) {
    return (Character.digit(value.charAt(FLAGS + 1), 16) & 1) > 0;
  }

  /** Whether a header's value is valid and its caller records nothing. Allocates nothing. */
  public static boolean isUnsampled(@Nullable String value) {
    if (value == null) {
      return false;
    }
    String bare = value.strip();
    return hasShape(bare) && !isSampled(bare);
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
    return !isZero(value, TRACE_ID, SPAN_ID - 1) && !isZero(value, SPAN_ID, FLAGS - 1);
  }

  private static boolean isZero(String value, int from, int to) {
    for (int i = from; i < to; i++) {
      if (value.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }

  /** As a header carries it. */
  public String header() {
    return new String(ascii(), ISO_8859_1);
  }

  /** The same as ASCII. Every request gets one, so it is written in one pass. */
  public byte[] ascii() {
    byte[] text = new byte[LENGTH];
    text[0] = '0';
    text[1] = '0';
    text[TRACE_ID - 1] = '-';
    hex(text, TRACE_ID, traceId.high());
    hex(text, TRACE_ID_LOW, traceId.low());
    text[SPAN_ID - 1] = '-';
    hex(text, SPAN_ID, spanId);
    text[FLAGS - 1] = '-';
    text[FLAGS] = '0';
    text[FLAGS + 1] = (byte) (isSampled ? '1' : '0');
    return text;
  }

  private static void hex(byte[] text, int at, long value) {
    for (int i = 0; i < 2 * Long.BYTES; i++) {
      text[at + i] = DIGITS[(int) (value >>> (Long.SIZE - 4 - 4 * i)) & 0xf];
    }
  }
}
