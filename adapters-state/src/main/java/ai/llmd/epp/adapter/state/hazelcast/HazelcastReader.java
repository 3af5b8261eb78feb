package ai.llmd.epp.adapter.state.hazelcast;

import ai.llmd.epp.adapter.state.hazelcast.HazelcastNode.Structures;
import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import com.hazelcast.ringbuffer.ReadResultSet;
import com.hazelcast.ringbuffer.Ringbuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Reads the ringbuffer and sees what is missing in it: Hazelcast moves a sequence that is not there
 * to the nearest that is, so an answer which begins elsewhere begins behind a gap.
 *
 * <p>A read that waited in vain is kept and asked again by the next one: Hazelcast cannot take back
 * an operation that waits in the member that owns the log.
 *
 * <p>For one thread, but {@link #logMayBeLost} and {@link #stop}.
 */
final class HazelcastReader {

  /** More than a reader requests, see the port; as many as Hazelcast gives. */
  private static final int MAX_ENTRIES = 1000;

  private final Duration timeout;
  private final AtomicBoolean isLost = new AtomicBoolean();

  private volatile @Nullable Waiting waiting;

  /** A read that has not been answered. */
  private record Waiting(
      Ringbuffer<byte[]> log,
      long from,
      int count,
      CompletableFuture<ReadResultSet<byte[]>> answer) {}

  HazelcastReader(Duration timeout) {
    this.timeout = timeout;
  }

  /** The next read begins at the beginning, and reports a gap. */
  void logMayBeLost() {
    isLost.set(true);
  }

  /** Ends a read that waits. */
  void stop() {
    Waiting now = waiting;
    if (now != null) {
      now.answer.cancel(true);
    }
  }

  Page read(Structures structures, Position after, int mostEntries, Duration wait)
      throws StoreException {
    int count = Math.min(mostEntries, MAX_ENTRIES);
    long from = after.major();
    Ringbuffer<byte[]> log = structures.log();
    if (isLost.getAndSet(false) && from > 0) {
      return fromTheBeginning(log, count);
    }
    ReadResultSet<byte[]> result =
        wait.isZero() ? atOnce(log, from, count) : waited(log, from, count, wait);
    if (result != null && result.size() > 0) {
      return page(result, result.getSequence(0) != from);
    }
    boolean isAnotherLog = newestSequence(log) + 1 < from;
    return isAnotherLog ? fromTheBeginning(log, count) : new Page(List.of(), after, false);
  }

  private Page fromTheBeginning(Ringbuffer<byte[]> log, int count) throws StoreException {
    stop();
    ReadResultSet<byte[]> result = atOnce(log, 0, count);
    return result.size() > 0
        ? page(result, true)
        : new Page(List.of(), new Position(newestSequence(log) + 1, 0), true);
  }

  private ReadResultSet<byte[]> atOnce(Ringbuffer<byte[]> log, long from, int count)
      throws StoreException {
    return HazelcastFailure.answer(log.readManyAsync(from, 0, count, null), timeout);
  }

  /** Null when nothing came. */
  @SuppressWarnings("ReferenceEquality") // what was asked of this log, not of its like
  private @Nullable ReadResultSet<byte[]> waited(
      Ringbuffer<byte[]> log, long from, int count, Duration wait) throws StoreException {
    Waiting asked = waiting;
    if (asked == null || asked.log != log || asked.from != from || asked.count != count) {
      stop();
      asked =
          new Waiting(
              log, from, count, log.readManyAsync(from, 1, count, null).toCompletableFuture());
      waiting = asked;
    }
    try {
      ReadResultSet<byte[]> result = asked.answer.get(wait.toNanos(), TimeUnit.NANOSECONDS);
      waiting = null;
      return result;
    } catch (TimeoutException e) {
      return null; // and asked for again, if it is still the same question
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted", e);
    } catch (ExecutionException e) {
      waiting = null;
      throw HazelcastFailure.of(e.getCause() == null ? e : e.getCause());
    } catch (RuntimeException e) { // cancelled
      waiting = null;
      throw HazelcastFailure.of(e);
    }
  }

  private long newestSequence(Ringbuffer<byte[]> log) throws StoreException {
    return HazelcastExtent.of(log, timeout).newest();
  }

  private static Page page(ReadResultSet<byte[]> result, boolean hasGap) {
    List<Entry> entries = new ArrayList<>(result.size());
    for (int i = 0; i < result.size(); i++) {
      entries.add(new Entry(new Position(result.getSequence(i) + 1, 0), bytes(result, i)));
    }
    return new Page(entries, entries.getLast().position(), hasGap);
  }

  /** None, which the caller refuses, for what another program has put into the ring. */
  private static byte[] bytes(ReadResultSet<?> result, int index) {
    try {
      return result.get(index) instanceof byte[] bytes ? bytes : new byte[0];
    } catch (RuntimeException e) { // it cannot even be deserialised
      return new byte[0];
    }
  }
}
