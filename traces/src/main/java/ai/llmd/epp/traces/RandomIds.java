package ai.llmd.epp.traces;

import ai.llmd.epp.traces.span.TraceId;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Samples by chance, and names the traces that were chosen so that every other program which
 * samples by their ids with the same ratio chooses them too: it compares the lower 63 bits with a
 * bound.
 *
 * @param bound of those bits, from 0 for no trace to {@link Long#MAX_VALUE} for all of them
 */
public record RandomIds(long bound) {

  /**
   * Chooses about this share of traces.
   *
   * @param ratio within {@code [0, 1]}
   */
  public static RandomIds ofRatio(double ratio) {
    return new RandomIds(ratio >= 1 ? Long.MAX_VALUE : (long) (Math.max(0, ratio) * 0x1p63));
  }

  /** Whether a request without a trace context begins a trace that is recorded. */
  public boolean isChosen() {
    return bound == Long.MAX_VALUE || ThreadLocalRandom.current().nextLong() >>> 1 < bound;
  }

  /** The id of a trace that was chosen. */
  public TraceId chosenTraceId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return new TraceId(random.nextLong(), Math.max(1, below(bound, random)));
  }

  /** The id of a trace that was not. */
  public TraceId unchosenTraceId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return new TraceId(
        random.nextLong(), Math.max(1, bound + below(Long.MAX_VALUE - bound, random)));
  }

  /**
   * From 0 up to a bound, by one multiplication: every request needs it. That some numbers come
   * more often than others by 2 to the power of -64 does not matter here.
   */
  private static long below(long limit, ThreadLocalRandom random) {
    return Math.unsignedMultiplyHigh(random.nextLong(), limit);
  }

  /** The id of a span, never zero. */
  public static long spanId() {
    long id = ThreadLocalRandom.current().nextLong();
    return id == 0 ? 1 : id;
  }
}
