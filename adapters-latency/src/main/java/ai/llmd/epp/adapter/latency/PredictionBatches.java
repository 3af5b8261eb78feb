package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.application.latency.LatencyServers.Times;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.latency.LatencyRow;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects the rows of requests that come within a short window, and has them predicted by one
 * call. While as many calls are on their way as there may be, the next one goes on collecting. A
 * call that no request waits for any more is ended. Any thread.
 */
final class PredictionBatches {

  /** Rows of one call, whatever is configured. */
  static final int MAX_ROWS = 10_000;

  private static final String PATH = "/predict/bulk/strict";
  private static final int OK = 200;
  private static final long ANSWER_BYTES = 64 << 10;
  private static final long ANSWER_BYTES_OF_ROW = 1 << 10;

  private final PredictionSettings settings;
  private final HttpCalls http;
  private final List<PredictionServer> servers;
  private final LongSupplier nanoClock;
  private final Semaphore dispatches;
  private @Nullable PredictionBatch open; // guarded by this
  private boolean isShutDown; // guarded by this

  PredictionBatches(PredictionSettings settings, HttpCalls http, LongSupplier nanoClock) {
    this.settings = settings;
    this.http = http;
    this.servers = settings.predictionServers().stream().map(PredictionServer::new).toList();
    this.nanoClock = nanoClock;
    this.dispatches = new Semaphore(settings.maxConcurrentDispatches());
  }

  boolean isWorthAsking() {
    long now = nanoClock.getAsLong();
    for (PredictionServer server : servers) {
      if (server.isDue(now)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Adds rows to the next call.
   *
   * @throws WithoutResultException after {@link #shutDown}
   */
  synchronized PredictionBatch.Part join(List<LatencyRow> rows) {
    if (isShutDown) {
      throw new WithoutResultException("is shutting down");
    }
    PredictionBatch batch = open;
    PredictionBatch.Part part = batch == null ? null : batch.add(rows, MAX_ROWS);
    if (batch == null || part == null) {
      if (batch != null) {
        batch.fill();
      }
      batch = new PredictionBatch();
      part = batch.add(rows, MAX_ROWS);
      open = batch;
      PredictionBatch begun = batch;
      Thread.ofVirtual().name("latency-dispatch").start(() -> dispatch(begun));
    }
    boolean isFull = settings.maxCoalescedRows() > 0 && batch.size() >= settings.maxCoalescedRows();
    if (isFull || settings.coalesceWindow().isZero()) {
      batch.fill();
      open = null;
    }
    return Objects.requireNonNull(part, "a new batch takes any rows");
  }

  private void dispatch(PredictionBatch batch) {
    try {
      batch.collect(settings.coalesceWindow());
      if (!dispatches.tryAcquire(settings.httpTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
        close(batch);
        throw new WithoutResultException("has too many calls that are not answered");
      }
      try {
        List<LatencyRow> rows = close(batch);
        if (batch.isWanted()) {
          batch.answered(ask(batch, rows));
        }
      } finally {
        dispatches.release();
      }
    } catch (WithoutResultException e) {
      batch.failed(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      batch.failed(new WithoutResultException("was interrupted"));
    } catch (RuntimeException e) {
      batch.failed(new WithoutResultException("failed: " + e.getClass().getSimpleName()));
    }
  }

  @SuppressWarnings("ReferenceEquality") // this very batch
  private synchronized List<LatencyRow> close(PredictionBatch batch) {
    if (open == batch) {
      open = null;
    }
    return batch.close();
  }

  private List<Times> ask(PredictionBatch batch, List<LatencyRow> rows)
      throws InterruptedException {
    PredictionServer server = server();
    try {
      List<Times> times = PredictionAnswer.read(answer(server, batch, rows), rows.size());
      server.answered();
      return times;
    } catch (CancellationException e) { // no request waits any more
      if (batch.isTooSlow()) {
        server.failed("is too slow", nanoClock.getAsLong());
      }
      throw new WithoutResultException("was given up");
    } catch (WithoutResultException e) {
      server.failed(e.reason(), nanoClock.getAsLong());
      throw e;
    }
  }

  private byte[] answer(PredictionServer server, PredictionBatch batch, List<LatencyRow> rows)
      throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> call =
        http.post(
            server.uri(),
            PATH,
            RowJson.question(rows),
            ANSWER_BYTES + rows.size() * ANSWER_BYTES_OF_ROW);
    batch.sent(call);
    try {
      HttpResponse<byte[]> response = call.get(nanos(settings.httpTimeout()), TimeUnit.NANOSECONDS);
      if (response.statusCode() != OK) {
        throw new WithoutResultException("answers with status " + response.statusCode());
      }
      return response.body();
    } catch (TimeoutException e) {
      throw new WithoutResultException("does not answer in time");
    } catch (ExecutionException e) {
      throw new WithoutResultException("cannot be reached, or gives too long an answer");
    } finally {
      call.cancel(true);
    }
  }

  private static long nanos(Duration duration) {
    return duration.toNanos();
  }

  /** Any of those that may be asked. */
  private PredictionServer server() {
    long now = nanoClock.getAsLong();
    List<PredictionServer> due = new ArrayList<>(servers);
    due.removeIf(server -> !server.isDue(now));
    while (!due.isEmpty()) {
      PredictionServer any = due.remove(ThreadLocalRandom.current().nextInt(due.size()));
      if (any.begin(now)) {
        return any;
      }
    }
    throw new WithoutResultException("has no server that answers");
  }

  /** Nothing more is taken; who waits goes without. */
  synchronized void shutDown() {
    isShutDown = true;
    if (open != null) {
      open.failed(new WithoutResultException("is shutting down"));
      open = null;
    }
  }
}
