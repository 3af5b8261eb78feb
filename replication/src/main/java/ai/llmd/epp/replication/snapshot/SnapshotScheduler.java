package ai.llmd.epp.replication.snapshot;

import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.replication.batch.BatchWriter;
import ai.llmd.epp.replication.send.Outbox;
import ai.llmd.epp.replication.state.ReplicaState;
import ai.llmd.epp.replication.store.StoreAccess;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Writes snapshots, one at a time and not too often, each on a virtual thread: a large one takes
 * seconds. The reader's thread calls.
 */
public final class SnapshotScheduler {

  private static final long MIN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Snapshots written while the log keeps an entry, so that one always reaches into the log. */
  private static final int SNAPSHOTS_PER_RETENTION = 2;

  private final StoreAccess store;
  private final Outbox outbox;
  private final ReplicaState state;
  private final long intervalNanos;
  private final AtomicBoolean isWriting = new AtomicBoolean();
  private volatile long writtenAtNanos;
  private volatile boolean isRequested;
  private long entriesAtLastInterval; // the reader's thread

  public SnapshotScheduler(StoreAccess store, Outbox outbox, ReplicaState state) {
    this.store = store;
    this.outbox = outbox;
    this.state = state;
    this.intervalNanos = store.settings().retention().toNanos() / SNAPSHOTS_PER_RETENTION;
    this.writtenAtNanos = store.nanos();
  }

  /** A snapshot is to be written as soon as possible. */
  public void request() {
    isRequested = true;
  }

  /**
   * Requests a snapshot when the last one is an interval old and there are new entries since.
   *
   * @param entries applied and sent by this replica so far
   */
  public void requestIfOld(long entries) {
    if (entries != entriesAtLastInterval && ageNanos() >= intervalNanos) {
      entriesAtLastInterval = entries;
      request();
    }
  }

  /** Since the last attempt ended, or since this was created. */
  private long ageNanos() {
    return store.nanos() - writtenAtNanos;
  }

  /**
   * Begins to write when a snapshot is requested and none is being written.
   *
   * @param position everything up to here was handed to the index writer
   * @param received by peer, the sequence number up to which everything was received
   */
  public void writeIfRequested(Position position, Supplier<Map<Long, Long>> received) {
    if (!isRequested || ageNanos() < MIN_PAUSE_NANOS || isWriting.getAndSet(true)) {
      return;
    }
    isRequested = false;
    Map<Long, Long> progress = new HashMap<>(received.get());
    progress.put(store.writer(), outbox.lastSealed());
    var chunks = new SnapshotWriter(store.writer(), store.micros(), progress, state);
    Thread.ofVirtual().name("replication-snapshot").start(() -> write(position, chunks));
  }

  private void write(Position position, SnapshotWriter chunks) {
    long startedAt = store.nanos();
    try {
      store.log().putSnapshot(position, chunks);
      store.observer().snapshotWritten(chunks.bytes(), store.nanos() - startedAt);
      outbox.add(BatchWriter::snapshotAvailable);
    } catch (StoreException | RuntimeException e) {
      isRequested = true; // store health is judged by appends and reads
    } finally {
      writtenAtNanos = store.nanos();
      isWriting.set(false);
    }
  }
}
