package ai.llmd.epp.replication.snapshot;

import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.threads.ThreadGuard;
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

  private static final String THREAD = "replication-snapshot";
  private static final long MIN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  /** Snapshots written while the log keeps an entry, so that one always reaches into the log. */
  private static final int SNAPSHOTS_PER_RETENTION = 2;

  private final StoreAccess store;
  private final Outbox outbox;
  private final ReplicaState state;
  private final ThreadGuard guard;
  private final long intervalNanos;
  private final AtomicBoolean isWriting = new AtomicBoolean();
  private volatile long writtenAtNanos;
  private volatile boolean isRequested;
  private long entriesAtLastInterval; // the reader's thread

  public SnapshotScheduler(StoreAccess store, Outbox outbox, ReplicaState state) {
    this.store = store;
    this.outbox = outbox;
    this.state = state;
    this.guard = new ThreadGuard(THREAD, store.threads());
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
    boolean isStarted = false;
    try {
      Map<Long, Long> progress = new HashMap<>(received.get());
      progress.put(store.writer(), outbox.lastSealed());
      var chunks = new SnapshotWriter(store.writer(), store.micros(), progress, state);
      Thread.ofVirtual().name(THREAD).start(() -> write(position, chunks));
      isStarted = true;
    } finally {
      if (!isStarted) {
        done(false);
      }
    }
  }

  private void write(Position position, SnapshotWriter chunks) {
    boolean isWritten = false;
    try {
      isWritten = guard.attempt(() -> put(position, chunks));
    } finally {
      done(isWritten);
    }
  }

  private void put(Position position, SnapshotWriter chunks) {
    long startedAt = store.nanos();
    try {
      store.log().putSnapshot(position, chunks);
    } catch (StoreException e) {
      isRequested = true; // store health is judged by appends and reads
      return;
    }
    outbox.add(BatchWriter::snapshotAvailable);
    store.observer().snapshotWritten(chunks.bytes(), store.nanos() - startedAt);
  }

  private void done(boolean isWritten) {
    if (!isWritten) {
      isRequested = true;
    }
    writtenAtNanos = store.nanos();
    isWriting.set(false);
  }
}
