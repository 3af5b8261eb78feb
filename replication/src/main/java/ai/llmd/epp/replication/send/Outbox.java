package ai.llmd.epp.replication.send;

import ai.llmd.epp.replication.batch.BatchHead;
import ai.llmd.epp.replication.batch.BatchWriter;
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
 * Entries collect in an open batch; sealed batches get sequence numbers and wait until the store
 * has them. Those that it has are kept for a while, for retransmission. Any thread; a caller waits
 * no longer than it takes to copy a batch.
 */
public final class Outbox {

  /** The open batch is sealed when it has reached this size. */
  public static final int BATCH_BYTES = 32 << 10;

  /** Batches retransmitted on one request; for more a snapshot is shorter. */
  private static final int MAX_RETRANSMISSION = 256;

  /** Batches kept after the store has them: while some are requested, as many again may be sent. */
  private static final int MAX_SENT = 2 * MAX_RETRANSMISSION;

  private final long writer;
  private final long maxBytes;
  private final LongSupplier epochMicros;
  private final Runnable wake;
  private final ReentrantLock lock = new ReentrantLock();

  // guarded by the lock
  private final BatchWriter open = new BatchWriter();
  private final TreeMap<Long, byte[]> journal = new TreeMap<>();
  private final Deque<Long> retransmissions = new ArrayDeque<>();
  private long openedAtMicros;
  private boolean isReady;
  private long journalBytes;
  private long lastSealed;
  private long lastSent;
  private long dropped;
  private long added;

  /**
   * @param writer this replica
   * @param maxBytes bound on the batches kept; the oldest are dropped first
   * @param wake run when the first entry of a batch is added or a retransmission is due; cheap
   */
  public Outbox(long writer, long maxBytes, LongSupplier epochMicros, Runnable wake) {
    this.writer = writer;
    this.maxBytes = maxBytes;
    this.epochMicros = epochMicros;
    this.wake = wake;
  }

  /** Adds an entry to the open batch. */
  public void add(Consumer<BatchWriter> entry) {
    boolean isFirst;
    lock.lock();
    try {
      added++;
      isFirst = open.isEmpty();
      if (isFirst) {
        openedAtMicros = epochMicros.getAsLong();
      }
      entry.accept(open);
      if (open.size() >= BATCH_BYTES || !open.hasRoomInDictionary()) {
        seal(false, false);
      }
    } finally {
      lock.unlock();
    }
    if (isFirst) {
      wake.run();
    }
  }

  /** Seals a batch that lists all work in flight; no entries mean none. */
  public void addWholeLoad(Consumer<BatchWriter> entries, boolean isFarewell) {
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

  /** Batches sealed from now on declare that this replica has caught up with its peers. */
  public void markReady() {
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
    while (journalBytes > maxBytes && journal.size() > 1) {
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

  /** What the store does not have yet, up to some size; retransmissions first. */
  public SendBatch next(int maxSize) {
    lock.lock();
    try {
      if (!open.isEmpty()) {
        seal(false, false);
      }
      List<byte[]> batches = new ArrayList<>();
      long size = 0;
      int settled = 0;
      for (long sequence : retransmissions) {
        byte[] batch = journal.get(sequence);
        if (size >= maxSize) {
          break;
        }
        settled++;
        if (batch != null) {
          batches.add(batch);
          size += batch.length;
        }
      }
      long upTo = 0;
      for (Map.Entry<Long, byte[]> unsent : journal.tailMap(lastSent, false).entrySet()) {
        if (size >= maxSize) {
          break;
        }
        batches.add(unsent.getValue());
        size += unsent.getValue().length;
        upTo = unsent.getKey();
      }
      return new SendBatch(batches, upTo, settled, size);
    } finally {
      lock.unlock();
    }
  }

  /** The store has these. */
  public void markSent(SendBatch sent) {
    lock.lock();
    try {
      lastSent = Math.max(lastSent, sent.upTo());
      for (int i = 0; i < sent.retransmissions(); i++) {
        retransmissions.pollFirst();
      }
      while (!journal.isEmpty() && journal.firstKey() <= lastSent - MAX_SENT) {
        dropOldest();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Queues batches for retransmission.
   *
   * @return false, and nothing is queued, when some of them are no longer kept, or they are so many
   *     that a snapshot is shorter
   */
  public boolean retransmit(long from, long to) {
    lock.lock();
    try {
      long first = journal.isEmpty() ? lastSealed + 1 : journal.firstKey();
      if (from < first || to - from >= MAX_RETRANSMISSION) {
        return false;
      }
      for (long sequence = from; sequence <= Math.min(to, lastSent); sequence++) {
        if (!retransmissions.contains(sequence)) {
          retransmissions.add(sequence);
        }
      }
    } finally {
      lock.unlock();
    }
    wake.run();
    return true;
  }

  /** Sequence number of the last sealed batch. */
  public long lastSealed() {
    lock.lock();
    try {
      return lastSealed;
    } finally {
      lock.unlock();
    }
  }

  /** Entries added, those of whole loads not counted. */
  public long added() {
    lock.lock();
    try {
      return added;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes that the store does not have yet. */
  public long backlogBytes() {
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
  public long dropped() {
    lock.lock();
    try {
      return dropped;
    } finally {
      lock.unlock();
    }
  }
}
