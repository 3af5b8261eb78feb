package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.Snapshot;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that hears what others say: first it catches up, then it follows the log, and when it
 * has missed something it sees to it that it is said again.
 */
final class Listener {

  private static final int PAGE_ENTRIES = 512;
  private static final Duration WAIT = Duration.ofMillis(200);
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long ASK_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long MILLISECOND_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  /** What others say waits for its writer's rest, and for a share of that here. */
  private static final int RESTS_PER_FLUSH = 2;

  private static final int SNAPSHOT_ATTEMPTS = 3;

  /** How often a replica is asked to say something again before a snapshot is asked for. */
  private static final int RESEND_ASKS = 2;

  private final ReplicationLog log;
  private final long restNanos;
  private final long leaseNanos;
  private final long snapshotIntervalNanos;
  private final long writer;
  private final Outbox outbox;
  private final Replica replica;
  private final Wishes wishes;
  private final Snapshots snapshots;
  private final StoreHealth health;
  private final Replicator.Parts parts;
  private final Runnable caughtUp;
  private final Thread thread;
  private volatile boolean isStopped;
  private volatile long applied;
  private volatile long lost;

  // this thread's own
  private Position position = Position.START;
  private @Nullable Position target; // what was newest at the start; null before it is known
  private Position loaded = Position.START; // of the last snapshot that was read
  private boolean hasCaughtUp;
  private boolean needsSnapshot;
  private boolean hasReadAnswer;
  private long needsSinceNanos;
  private long askedAtNanos;
  private long knownAtLastSnapshot;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  Listener(
      ReplicationLog log,
      ReplicationSettings settings,
      long writer,
      Outbox outbox,
      Replica replica,
      Wishes wishes,
      Snapshots snapshots,
      StoreHealth health,
      Replicator.Parts parts,
      Runnable caughtUp) {
    this.log = log;
    this.restNanos = settings.flushInterval().toNanos() / RESTS_PER_FLUSH;
    this.leaseNanos = settings.lease().toNanos();
    this.snapshotIntervalNanos = settings.retention().toNanos() / 2;
    this.writer = writer;
    this.outbox = outbox;
    this.replica = replica;
    this.wishes = wishes;
    this.snapshots = snapshots;
    this.health = health;
    this.parts = parts;
    this.caughtUp = caughtUp;
    this.thread = Thread.ofPlatform().name("replication-listener").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void stop() {
    isStopped = true;
  }

  void awaitEnd(Duration bound) {
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(bound);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  long applied() {
    return applied;
  }

  long lost() {
    return lost;
  }

  private void run() {
    while (log.isStarting() && !isStopped) {
      LockSupport.parkNanos(this, FIRST_PAUSE_NANOS);
    }
    while (!isStopped) {
      try {
        if (target == null) {
          begin();
        }
        follow();
        health.worked(StoreHealth.Use.READ);
        pauseNanos = FIRST_PAUSE_NANOS;
      } catch (StoreException e) {
        pause(String.valueOf(e.getMessage()));
      }
      replica.peers().expire(now());
    }
  }

  private void pause(String reason) {
    if (!isStopped) {
      health.failed(StoreHealth.Use.READ, reason);
      LockSupport.parkNanos(this, pauseNanos);
      pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
    }
  }

  private void begin() throws StoreException {
    Position newest = log.extent().newest();
    if (readSnapshot()) {
      position = loaded;
    }
    target = newest;
    needsSinceNanos = now();
  }

  private void follow() throws StoreException {
    Page page = log.read(position, PAGE_ENTRIES, WAIT);
    for (Entry entry : page.entries()) {
      hear(entry.batch());
    }
    position = page.next();
    applied = replica.applied();
    lost = replica.progress().lost();
    boolean isAtEnd = page.entries().size() < PAGE_ENTRIES;
    if (page.hasGap()) {
      missed();
    }
    answer();
    if (!hasCaughtUp && isAtEnd) {
      judgeStart();
    } else if (isAtEnd) {
      askForWhatIsMissing();
    }
    askForSnapshot();
    writeSnapshots();
    if (isAtEnd && !page.entries().isEmpty()) {
      LockSupport.parkNanos(this, restNanos); // so that many writers do not wake it one by one
    }
  }

  private void hear(byte[] batch) {
    awaitRoom();
    try {
      BatchReader.read(batch, replica);
    } catch (MalformedBatchException e) {
      parts.observer().refused(String.valueOf(e.getMessage()));
      return;
    }
    BatchHead head = replica.head();
    if (head.writer() != writer) {
      parts
          .indexes()
          .run(
              () ->
                  parts
                      .observer()
                      .applied(parts.epochMicros().getAsLong() - head.openedAtMicros()));
    }
  }

  /** Who reads faster than the index is written waits, so that nothing has to be dropped. */
  private void awaitRoom() {
    IndexWriter indexes = parts.indexes();
    while (indexes.waitingBlocks() > indexes.maxWaitingBlocks() / 2 && !isStopped) {
      LockSupport.parkNanos(this, MILLISECOND_NANOS);
    }
  }

  /** A stretch of the log has gone: what it said can only be had from a snapshot. */
  private void missed() {
    need();
    if (hasCaughtUp) {
      snapshots.want(); // the store may have lost its snapshot, too, and what others missed
    }
  }

  private void need() {
    if (!needsSnapshot) {
      needsSnapshot = true;
      needsSinceNanos = now();
    }
  }

  private void answer() throws StoreException {
    if (!wishes.grantResend(outbox)) {
      snapshots.want();
    }
    if (wishes.takeSnapshotWanted() && hasCaughtUp && replica.peers().isLowest(writer)) {
      snapshots.want();
    }
    if (wishes.takeSnapshotReady() && (needsSnapshot || replica.progress().hasHoles())) {
      if (readSnapshot()) {
        needsSnapshot = false;
        hasReadAnswer = true;
      }
    }
  }

  /** Whether everything is known that was there at the start. */
  private void judgeStart() {
    if (target != null && position.compareTo(target) < 0) {
      return;
    }
    if (replica.progress().hasHoles() && !hasReadAnswer) {
      need(); // what is missing after somebody's snapshot is asked for while requests are taken
    }
    if (!needsSnapshot) {
      hasCaughtUp = true;
      replica.peers().caughtUp(now(), parts.epochMicros().getAsLong());
      caughtUp.run();
    }
  }

  private void askForWhatIsMissing() {
    for (WriterProgress.Hole hole : replica.progress().toAskFor(now())) {
      if (hole.asks() < RESEND_ASKS && replica.peers().isAlive(hole.writer())) {
        outbox.say(out -> out.resend(hole.writer(), hole.from(), hole.to()));
      } else {
        need();
      }
    }
  }

  private void askForSnapshot() {
    if (!needsSnapshot) {
      return;
    }
    long now = now();
    if (replica.peers().hasReadyOne()) {
      if (now - askedAtNanos >= ASK_AGAIN_NANOS) {
        askedAtNanos = now;
        outbox.say(BatchWriter::snapshotWanted);
      }
    } else if (now - needsSinceNanos >= leaseNanos) {
      needsSnapshot = false; // nobody is there who would know more
      replica.progress().giveUp();
    }
  }

  private void writeSnapshots() {
    long known = replica.applied() + outbox.said();
    boolean isTime =
        hasCaughtUp
            && known != knownAtLastSnapshot
            && snapshots.ageNanos() >= snapshotIntervalNanos
            && replica.peers().isLowest(writer);
    if (isTime) {
      knownAtLastSnapshot = known;
      snapshots.want();
    }
    snapshots.writeIfDue(position, replica);
  }

  /**
   * Reads the snapshot in the store. One that is replaced meanwhile cannot be read to its end.
   *
   * @return whether there is one
   */
  private boolean readSnapshot() throws StoreException {
    for (int attempt = 1; attempt < SNAPSHOT_ATTEMPTS; attempt++) {
      try {
        return readSnapshotOnce();
      } catch (StoreException replaced) {
        LockSupport.parkNanos(this, FIRST_PAUSE_NANOS);
      }
    }
    return readSnapshotOnce();
  }

  private boolean readSnapshotOnce() throws StoreException {
    Snapshot snapshot = log.snapshot();
    if (snapshot == null) {
      return false;
    }
    long startedAt = now();
    long bytes = 0;
    for (byte[] chunk = snapshot.chunks().next(); chunk != null; chunk = snapshot.chunks().next()) {
      bytes += chunk.length;
      awaitRoom();
      try {
        BatchReader.read(chunk, replica);
      } catch (MalformedBatchException e) {
        parts.observer().refused(String.valueOf(e.getMessage()));
      }
    }
    loaded = snapshot.position();
    parts.observer().snapshotRead(bytes, now() - startedAt);
    return true;
  }

  private long now() {
    return parts.nanoClock().getAsLong();
  }
}
