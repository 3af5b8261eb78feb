package ai.llmd.epp.traces;

import ai.llmd.epp.traces.span.EndedSpans;
import ai.llmd.epp.traces.span.SpanExporter;
import ai.llmd.epp.traces.span.SpanWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds ended spans for a thread of its own that writes and exports them. A request never waits for
 * an exporter: of one that hangs or is away, the queue fills up to its bound and what ends then is
 * dropped and counted. Written there, the spans of many requests go through code that is warm, and
 * a request pays little more than a place in the queue.
 */
final class SpanQueue implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SpanQueue.class);

  /** How long the end of the program waits for what is still queued. */
  private static final Duration FLUSH = Duration.ofSeconds(3);

  /**
   * Bounds, with the defaults of the OpenTelemetry specification. Spans that end together stay
   * together, however many they are: an empty queue takes them, and so does a batch.
   *
   * @param spans queued at most
   * @param batch exported at once at most, and enough to export early
   * @param delay between exports
   * @param exportTimeout how long one may take, which the exporter sees to
   */
  record Limits(int spans, int batch, Duration delay, Duration exportTimeout) {

    static final Limits DEFAULT =
        new Limits(2_048, 512, Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  private final SpanExporter exporter;
  private final SpanCounts counts;
  private final Limits limits;
  private final Queue<EndedSpans> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger(); // in spans
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

  /** Queues what has ended. Any thread; never waits. */
  void add(EndedSpans ended) {
    int spans = ended.count();
    int queued = size.addAndGet(spans);
    if (isStopping || (queued > limits.spans() && queued > spans)) {
      size.addAndGet(-spans);
      counts.dropped(spans);
      return;
    }
    queue.add(ended);
    if (queued >= limits.batch() && isWoken.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * What has come while a batch was sent waits for the next full one, or for its time: a few spans
   * cost nearly as much to send as hundreds.
   */
  private void run() {
    long lastNanos = System.nanoTime();
    while (!isStopping) {
      isWoken.set(false); // exporting may have used up the wake-up, so what is queued decides
      long left = lastNanos + limits.delay().toNanos() - System.nanoTime();
      if (size.get() >= limits.batch() || left <= 0) {
        exportBatch();
        lastNanos = System.nanoTime();
      } else {
        LockSupport.parkNanos(this, left);
      }
    }
    exportRest();
  }

  private void exportRest() {
    while (!queue.isEmpty() && !Thread.currentThread().isInterrupted()) {
      exportBatch();
    }
    for (EndedSpans next = queue.poll(); next != null; next = queue.poll()) {
      counts.dropped(next.count());
    }
  }

  private void exportBatch() {
    if (queue.isEmpty()) {
      return;
    }
    int spans = 0;
    String failure;
    try {
      SpanWriter writer = exporter.begin();
      EndedSpans next = queue.peek();
      while (next != null && (spans == 0 || spans + next.count() <= limits.batch())) {
        queue.remove();
        size.addAndGet(-next.count());
        spans += next.count();
        next.writeTo(writer);
        next = queue.peek();
      }
      exporter.export();
      failure = null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = ExportFailures.reason(e);
    } catch (IOException | RuntimeException | LinkageError | StackOverflowError e) {
      failure = ExportFailures.reason(e); // else nothing would be exported any more
    }
    report(spans, failure);
  }

  /**
   * @param failure null when they were exported
   */
  private void report(int spans, @Nullable String failure) {
    if (failure == null) {
      counts.exported(spans);
      if (isFailing) {
        log.atInfo().log("traces are exported again");
      }
    } else {
      counts.failed(spans);
      if (!isFailing) {
        log.atWarn().addKeyValue("reason", failure).log("traces cannot be exported");
      }
    }
    isFailing = failure != null;
  }

  /** Exports what is queued, as long as that takes no more than a few seconds. */
  @Override
  public void close() {
    isStopping = true;
    LockSupport.unpark(thread);
    try {
      if (!thread.join(FLUSH)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exporter.close();
  }
}
