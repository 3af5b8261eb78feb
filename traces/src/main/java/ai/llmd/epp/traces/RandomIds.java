package ai.llmd.epp.traces;

import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.sdk.trace.IdGenerator;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Samples by chance, and names the traces that were chosen so that every other program which
 * samples by their ids with the same ratio chooses them too: it compares the lower 63 bits with a
 * bound.
 *
 * @param bound of those bits, from 0 for no trace to {@link Long#MAX_VALUE} for all of them
 */
public record RandomIds(long bound) implements IdGenerator {

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
  @Override
  public String generateTraceId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return TraceId.fromLongs(random.nextLong(), random.nextLong(1, Math.max(2, bound)));
  }

  /** The id of a trace that was not. */
  public String unchosenTraceId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return TraceId.fromLongs(
        random.nextLong(),
        random.nextLong(Math.min(bound, Long.MAX_VALUE - 1), Long.MAX_VALUE) + 1);
  }

  @Override
  public String generateSpanId() {
    long id = ThreadLocalRandom.current().nextLong();
    return SpanId.fromLong(id == 0 ? 1 : id);
  }
}
