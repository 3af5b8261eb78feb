package ai.llmd.epp.adapter.latency;

import ai.llmd.epp.application.latency.LatencyServers.Times;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.latency.LatencyRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Rows of several requests that are predicted by one call. Any thread. */
final class PredictionBatch {

  private final List<LatencyRow> rows = new ArrayList<>();
  private final CountDownLatch full = new CountDownLatch(1);
  private final CompletableFuture<List<Times>> answer = new CompletableFuture<>();
  private int waiting; // requests
  private boolean isClosed;
  private boolean isTooSlow;
  private @Nullable Future<?> call;

  /** Where one request's rows are in the batch. */
  final class Part {

    private final int first;
    private final int count;

    private Part(int first, int count) {
      this.first = first;
      this.count = count;
    }

    /**
     * Waits for this request's times.
     *
     * @throws WithoutResultException if they do not come in time
     */
    List<Times> await(Duration patience) throws InterruptedException {
      boolean isInTime = true;
      try {
        List<Times> all = answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        return all.subList(first, first + count);
      } catch (TimeoutException e) {
        isInTime = false;
        throw new WithoutResultException("was not answered within " + patience.toMillis() + " ms");
      } catch (ExecutionException e) {
        throw e.getCause() instanceof WithoutResultException known
            ? known
            : new WithoutResultException("could not be asked");
      } finally {
        leave(isInTime);
      }
    }
  }

  /** Adds a request's rows; null when it is too late for that, or they are too many. */
  synchronized @Nullable Part add(List<LatencyRow> more, int maxRows) {
    if (isClosed || (!rows.isEmpty() && (long) rows.size() + more.size() > maxRows)) {
      return null;
    }
    Part part = new Part(rows.size(), more.size());
    rows.addAll(more);
    waiting++;
    return part;
  }

  synchronized int size() {
    return rows.size();
  }

  /** It is to be sent without waiting for more. */
  void fill() {
    full.countDown();
  }

  /**
   * Waits until there is enough, or time is up.
   *
   * @return whether there is enough
   */
  boolean collect(Duration window) throws InterruptedException {
    return full.await(window.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** From now on nothing is added; the rows. */
  synchronized List<LatencyRow> close() {
    isClosed = true;
    return rows;
  }

  /** This call is on its way; it ends when no request waits for it any more. */
  synchronized void sent(Future<?> newCall) {
    call = newCall;
    if (waiting == 0) {
      newCall.cancel(true);
    }
  }

  private synchronized void leave(boolean isInTime) {
    waiting--;
    isTooSlow |= !isInTime;
    if (waiting == 0 && call != null) {
      call.cancel(true);
    }
  }

  synchronized boolean isWanted() {
    return waiting > 0;
  }

  /** Whether a request has given it up since it took too long. */
  synchronized boolean isTooSlow() {
    return isTooSlow;
  }

  void answered(List<Times> times) {
    answer.complete(times);
  }

  void failed(WithoutResultException failure) {
    answer.completeExceptionally(failure);
  }
}
