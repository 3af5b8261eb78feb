package ai.llmd.epp.replication;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What this replica has to say: entries gather in a batch, batches get numbers and wait until the
 * store has them. Those that it has are kept for a while, for replicas that missed one. Any thread;
 * nobody waits longer than a batch takes to be copied.
 */
final class Outbox {

  /** A batch that is larger is closed. */
  static final int BATCH_BYTES = 32 << 10;

  /** Batches that are said again on demand. */
  private static final int MOST_AGAIN = 256;

  /** Batches kept after the store has them: as many again may follow while one is asked for. */
  private static final int MOST_SENT = 2 * MOST_AGAIN;

  private final long writer;
  private final long mostBytes;
  private final LongSupplier epochMicros;
  private final Runnable called;
  private final ReentrantLock lock = new ReentrantLock();

  // guarded by the lock
  private final BatchWriter open = new BatchWriter();
  private final TreeMap<Long, byte[]> journal = new TreeMap<>();
  private final Deque<Long> again = new ArrayDeque<>();
  private long openedAtMicros;
  private boolean isReady;
  private long journalBytes;
  private long lastSealed;
  private long lastSent;
  private long dropped;
  private long said;

  /**
   * A stretch to append.
   *
   * @param upTo highest number among them that was not appended before; 0 when all were
   * @param again how many of them are said again
   */
  record Parcel(List<byte[]> batches, long upTo, int again, long bytes) {

    boolean isEmpty() {
      return batches.isEmpty();
    }
  }

  /**
   * @param writer this replica
   * @param mostBytes bound on the batches kept; the oldest go first
   * @param called told when there is something to say after there was nothing; cheap
   */
  Outbox(long writer, long mostBytes, LongSupplier epochMicros, Runnable called) {
    this.writer = writer;
    this.mostBytes = mostBytes;
    this.epochMicros = epochMicros;
    this.called = called;
  }

  /** Says something, soon. */
  void say(Consumer<BatchWriter> entry) {
    boolean isFirst;
    lock.lock();
    try {
      said++;
      isFirst = open.isEmpty();
      if (isFirst) {
        openedAtMicros = epochMicros.getAsLong();
      }
      entry.accept(open);
      if (open.size() >= BATCH_BYTES || !open.hasRoomForMentions()) {
        seal(false, false);
      }
    } finally {
      lock.unlock();
    }
    if (isFirst) {
      called.run();
    }
  }

  /** Says all that is in flight in a batch of its own; no entries mean none. */
  void sayWholeLoad(Consumer<BatchWriter> entries, boolean isFarewell) {
    lock.lock();
    try {
      if (!open.isEmpty()) {
        seal(false, false);
      }
      openedAtMicros = epochMicros.getAsLong();
      entries.accept(open);
      seal(true, isFarewell);
    } finally {
      lock.unlock();
    }
  }

  /** What is sealed from now on says that this replica knows what was to be known. */
  void ready() {
    lock.lock();
    try {
      isReady = true;
    } finally {
      lock.unlock();
    }
  }

  private void seal(boolean isWholeLoad, boolean isFarewell) {
    var head =
        new BatchHead(writer, ++lastSealed, openedAtMicros, isReady, isWholeLoad, isFarewell);
    byte[] batch = open.seal(head);
    journal.put(lastSealed, batch);
    journalBytes += batch.length;
    while (journalBytes > mostBytes && journal.size() > 1) {
      long oldest = dropOldest();
      if (oldest > lastSent) {
        lastSent = oldest;
        dropped++;
      }
    }
  }

  private long dropOldest() {
    Map.Entry<Long, byte[]> oldest = journal.pollFirstEntry();
    journalBytes -= oldest.getValue().length;
    return oldest.getKey();
  }

  /** What the store does not have yet, up to some size; first what has to be said again. */
  Parcel next(int bytes) {
    lock.lock();
    try {
      if (!open.isEmpty()) {
        seal(false, false);
      }
      List<byte[]> batches = new ArrayList<>();
      long size = 0;
      int repeated = 0;
      for (long number : again) {
        byte[] batch = journal.get(number);
        if (size >= bytes) {
          break;
        }
        repeated++;
        if (batch != null) {
          batches.add(batch);
          size += batch.length;
        }
      }
      long upTo = 0;
      for (Map.Entry<Long, byte[]> fresh : journal.tailMap(lastSent, false).entrySet()) {
        if (size >= bytes) {
          break;
        }
        batches.add(fresh.getValue());
        size += fresh.getValue().length;
        upTo = fresh.getKey();
      }
      return new Parcel(batches, upTo, repeated, size);
    } finally {
      lock.unlock();
    }
  }

  /** The store has these. */
  void sent(Parcel parcel) {
    lock.lock();
    try {
      lastSent = Math.max(lastSent, parcel.upTo());
      for (int i = 0; i < parcel.again(); i++) {
        again.pollFirst();
      }
      while (!journal.isEmpty() && journal.firstKey() <= lastSent - MOST_SENT) {
        dropOldest();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says batches again that somebody missed.
   *
   * @return false, and nothing happens, when some of them are no longer here, or they are so many
   *     that a snapshot is shorter
   */
  boolean sayAgain(long from, long to) {
    lock.lock();
    try {
      long first = journal.isEmpty() ? lastSealed + 1 : journal.firstKey();
      if (from < first || to - from >= MOST_AGAIN) {
        return false;
      }
      for (long number = from; number <= Math.min(to, lastSent); number++) {
        if (!again.contains(number)) {
          again.add(number);
        }
      }
    } finally {
      lock.unlock();
    }
    called.run();
    return true;
  }

  /** The number of the last batch. */
  long lastSealed() {
    lock.lock();
    try {
      return lastSealed;
    } finally {
      lock.unlock();
    }
  }

  /** Entries that were said, work in flight as a whole not counted. */
  long said() {
    lock.lock();
    try {
      return said;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that the store does not have yet. */
  long backlogBytes() {
    lock.lock();
    try {
      long waiting = open.isEmpty() ? 0 : open.size();
      for (byte[] batch : journal.tailMap(lastSent, false).values()) {
        waiting += batch.length;
      }
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /** Batches that were dropped before the store had them. */
  long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }
}
