package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes snapshots, one at a time and not too often, on a thread of their own: a large one takes
 * seconds. The listener's thread calls.
 */
final class Snapshots {

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final ReplicationLog log;
  private final long writer;
  private final Outbox outbox;
  private final Replicator.Parts parts;
  private final AtomicBoolean isWriting = new AtomicBoolean();
  private volatile long writtenAtNanos;
  private volatile boolean isDue;

  Snapshots(ReplicationLog log, long writer, Outbox outbox, Replicator.Parts parts) {
    this.log = log;
    this.writer = writer;
    this.outbox = outbox;
    this.parts = parts;
    this.writtenAtNanos = parts.nanoClock().getAsLong();
  }

  /** One is to be written, soon. */
  void want() {
    isDue = true;
  }

  /** How long ago the last attempt ended, or this began. */
  long ageNanos() {
    return parts.nanoClock().getAsLong() - writtenAtNanos;
  }

  /**
   * Begins to write when one is due and none is being written.
   *
   * @param position everything up to here was handed to the index writer
   */
  void writeIfDue(Position position, Replica replica) {
    if (!isDue || ageNanos() < PAUSE_NANOS || isWriting.getAndSet(true)) {
      return;
    }
    isDue = false;
    Map<Long, Long> heard = new HashMap<>(replica.progress().heard());
    heard.put(writer, outbox.lastSealed());
    var chunks =
        new SnapshotWriter(
            writer,
            parts.epochMicros().getAsLong(),
            heard,
            parts.state(),
            replica.members(),
            replica.lives(),
            parts.indexes());
    Thread.ofVirtual().name("replication-snapshot").start(() -> write(position, chunks));
  }

  private void write(Position position, SnapshotWriter chunks) {
    long startedAt = parts.nanoClock().getAsLong();
    try {
      log.putSnapshot(position, chunks);
      parts.observer().snapshotWritten(chunks.bytes(), parts.nanoClock().getAsLong() - startedAt);
      outbox.say(BatchWriter::snapshotReady);
    } catch (StoreException | RuntimeException e) {
      isDue = true; // the store's health is judged by those who append and read
    } finally {
      writtenAtNanos = parts.nanoClock().getAsLong();
      isWriting.set(false);
    }
  }
}
