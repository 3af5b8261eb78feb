package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.domain.latency.LatencyRow;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the training server what was observed, now and then. What it does not take is lost. Any
 * thread.
 */
final class TrainingFeed {

  private static final Logger log = LoggerFactory.getLogger(TrainingFeed.class);

  private static final String PATH = "/add_training_data_bulk";
  private static final int ACCEPTED = 202;
  private static final long ANSWER_BYTES = 64 << 10;
  private static final Duration MAX_FAREWELL = Duration.ofSeconds(2);

  private final PredictionSettings settings;
  private final HttpCalls http;
  private final TrainingBuffer buffer;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable Thread flushing; // begun with the first row
  private boolean isFailing; // of one thread at a time

  TrainingFeed(PredictionSettings settings, HttpCalls http) {
    this.settings = settings;
    this.http = http;
    this.buffer = new TrainingBuffer(settings.maxSampleSize(), new SplittableRandom());
  }

  void add(LatencyRow row, double ttftMillis, double tpotMillis) {
    buffer.add(new TrainingRow(row, ttftMillis, tpotMillis, Instant.now()));
    if (flushing == null) {
      begin();
    }
  }

  private synchronized void begin() {
    if (flushing == null && stopped.getCount() > 0) {
      flushing = Thread.ofVirtual().name("latency-training").start(this::flushOnAndOn);
    }
  }

  private void flushOnAndOn() {
    try {
      while (!stopped.await(settings.flushInterval().toNanos(), TimeUnit.NANOSECONDS)) {
        flush(settings.httpTimeout());
      }
      Duration own = settings.httpTimeout();
      flush(own.compareTo(MAX_FAREWELL) < 0 ? own : MAX_FAREWELL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void flush(Duration timeout) throws InterruptedException {
    List<TrainingRow> rows = buffer.take();
    if (rows.isEmpty()) {
      return;
    }
    String failure = send(rows, timeout);
    if (failure == null) {
      isFailing = false;
    } else if (!isFailing) {
      isFailing = true;
      log.warn(
          "training server {} {}: what was observed is lost until it takes it",
          settings.trainingServer(),
          failure);
    }
  }

  /** Null when they were taken; otherwise why not. */
  private @Nullable String send(List<TrainingRow> rows, Duration timeout)
      throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> call =
        http.post(settings.trainingServer(), PATH, RowJson.lesson(rows), ANSWER_BYTES);
    try {
      int status = call.get(timeout.toNanos(), TimeUnit.NANOSECONDS).statusCode();
      return status == ACCEPTED ? null : "answers with status " + status;
    } catch (TimeoutException e) {
      return "does not answer in time";
    } catch (ExecutionException e) {
      return "cannot be reached";
    } finally {
      call.cancel(true);
    }
  }

  /** Sends what is left, and waits for that a short while. */
  void close() {
    Thread begun;
    synchronized (this) {
      stopped.countDown();
      begun = flushing;
    }
    if (begun == null) {
      return;
    }
    try {
      if (!begun.join(MAX_FAREWELL.plusSeconds(1))) {
        begun.interrupt();
      }
    } catch (InterruptedException e) {
      begun.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
