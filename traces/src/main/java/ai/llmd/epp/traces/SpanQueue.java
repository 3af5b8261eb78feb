package ai.llmd.epp.traces;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds ended spans for a thread of its own that exports them. A request never waits for an
 * exporter: of one that hangs or is away, the queue fills up to its bound and what ends then is
 * dropped and counted.
 *
 * <p>As the SDK's batch processor, which does not show what it drops.
 */
final class SpanQueue implements SpanProcessor {

  private static final Logger log = LoggerFactory.getLogger(SpanQueue.class);

  /** How long the end of the program waits for what is still queued. */
  private static final Duration FLUSH = Duration.ofSeconds(3);

  /**
   * Bounds, with the defaults of the OpenTelemetry specification.
   *
   * @param spans queued at most
   * @param batch exported at once at most, and enough to export early
   * @param delay between exports
   * @param exportTimeout how long one may take
   */
  record Limits(int spans, int batch, Duration delay, Duration exportTimeout) {

    static final Limits DEFAULT =
        new Limits(2_048, 512, Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  private final SpanExporter exporter;
  private final SpanCounts counts;
  private final Limits limits;
  private final Queue<ReadableSpan> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicBoolean isWoken = new AtomicBoolean();
  private final Thread thread;
  private volatile boolean isStopping;
  private boolean isFailing; // the exporting thread's

  private SpanQueue(SpanExporter exporter, SpanCounts counts, Limits limits) {
    this.exporter = exporter;
    this.counts = counts;
    this.limits = limits;
    this.thread = Thread.ofPlatform().name("trace-export").daemon().unstarted(this::run);
  }

  /** Starts to export. */
  static SpanQueue start(SpanExporter exporter, SpanCounts counts, Limits limits) {
    SpanQueue started = new SpanQueue(exporter, counts, limits);
    started.thread.start();
    return started;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {}

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    int queued = size.incrementAndGet();
    if (queued > limits.spans() || isStopping) {
      size.decrementAndGet();
      counts.dropped(1);
      return;
    }
    queue.add(span);
    if (queued >= limits.batch() && isWoken.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!isStopping) {
      isWoken.set(false); // exporting may have used up the wake-up, so what is queued decides
      if (size.get() < limits.batch()) {
        LockSupport.parkNanos(this, limits.delay().toNanos());
      }
      exportAll();
    }
    exportAll();
  }

  private void exportAll() {
    List<SpanData> batch = nextBatch();
    while (!batch.isEmpty() && !Thread.currentThread().isInterrupted()) {
      export(batch);
      batch = nextBatch();
    }
  }

  private List<SpanData> nextBatch() {
    List<SpanData> batch = new ArrayList<>(Math.min(limits.batch(), size.get()));
    ReadableSpan next;
    while (batch.size() < limits.batch() && (next = queue.poll()) != null) {
      size.decrementAndGet();
      batch.add(next.toSpanData());
    }
    return batch;
  }

  private void export(List<SpanData> batch) {
    String failure = failureOf(batch);
    if (failure == null) {
      counts.exported(batch.size());
      if (isFailing) {
        log.atInfo().log("traces are exported again");
      }
    } else {
      counts.failed(batch.size());
      if (!isFailing) {
        log.atWarn().addKeyValue("reason", failure).log("traces cannot be exported");
      }
    }
    isFailing = failure != null;
  }

  /** Null when all of them are exported. */
  private @Nullable String failureOf(List<SpanData> batch) {
    try {
      CompletableResultCode result =
          exporter.export(batch).join(limits.exportTimeout().toMillis(), TimeUnit.MILLISECONDS);
      if (!result.isDone()) {
        return "no answer within " + limits.exportTimeout().toMillis() + " ms";
      }
      return result.isSuccess() ? null : ExportFailures.reason(result.getFailureThrowable());
    } catch (RuntimeException e) {
      return ExportFailures.reason(e);
    }
  }

  /** Exports what is queued, as long as that takes no more than a few seconds. */
  @Override
  public CompletableResultCode shutdown() {
    isStopping = true;
    LockSupport.unpark(thread);
    try {
      if (!thread.join(FLUSH)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    counts.dropped(queue.size());
    queue.clear();
    return exporter.shutdown();
  }

  @Override
  public CompletableResultCode forceFlush() {
    LockSupport.unpark(thread);
    return CompletableResultCode.ofSuccess();
  }
}
