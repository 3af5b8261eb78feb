package ai.llmd.epp.sidecar.trace;

import ai.llmd.epp.traces.TraceParent;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A stage whose span is recorded. */
final class RecordedStage implements StageSpan {

  private static final int SUCCESS = 200;
  private static final int NO_SUCCESS = 300;
  private static final double NANOS_PER_MILLI = 1e6;

  private final LiveSpan span;
  private final String prefix;
  private final LongConsumer whenEnded;
  private final long startNanos = System.nanoTime();
  private final AtomicBoolean isOver = new AtomicBoolean();

  /**
   * @param prefix of the names of its own attributes
   * @param whenEnded gets the stage's nanoseconds before the span ends
   */
  RecordedStage(LiveSpan span, String prefix, LongConsumer whenEnded) {
    this.span = span;
    this.prefix = prefix;
    this.whenEnded = whenEnded;
  }

  long startNanos() {
    return startNanos;
  }

  @Override
  public void handOn(HttpHeaders headers) {
    headers.set(TraceParent.HEADER, span.header());
  }

  @Override
  public void note(String name, long value) {
    span.with(prefix + name, value);
  }

  @Override
  public void answered(int status) {
    if (isOver.compareAndSet(false, true)) {
      span.with(prefix + "status_code", status);
      if (status < SUCCESS || status >= NO_SUCCESS) {
        span.failed("status " + status);
      }
      end();
    }
  }

  @Override
  public void failed(@Nullable String reason) {
    if (isOver.compareAndSet(false, true)) {
      span.failed(String.valueOf(reason));
      end();
    }
  }

  private void end() {
    long nanos = System.nanoTime() - startNanos;
    span.with(prefix + "duration_ms", millis(nanos));
    whenEnded.accept(nanos);
    span.end();
  }

  static double millis(long nanos) {
    return nanos / NANOS_PER_MILLI;
  }
}
