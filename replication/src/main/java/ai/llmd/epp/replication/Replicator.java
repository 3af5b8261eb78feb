package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.application.port.in.ShareClaims;
import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.ReplicaPeer;
import ai.llmd.epp.application.port.out.ReplicationFigures;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.application.port.out.ReplicationObserver.Status;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.application.port.out.ThreadObserver;
import ai.llmd.epp.domain.state.EngineCaches;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.replication.receive.BatchApplier;
import ai.llmd.epp.replication.receive.BatchIntake;
import ai.llmd.epp.replication.receive.BlockApplier;
import ai.llmd.epp.replication.receive.LogReader;
import ai.llmd.epp.replication.receive.PeerRequests;
import ai.llmd.epp.replication.receive.Peers;
import ai.llmd.epp.replication.receive.WriterProgress;
import ai.llmd.epp.replication.send.Outbox;
import ai.llmd.epp.replication.send.OutgoingEntries;
import ai.llmd.epp.replication.send.Sender;
import ai.llmd.epp.replication.send.StateAnnouncer;
import ai.llmd.epp.replication.snapshot.SnapshotScheduler;
import ai.llmd.epp.replication.state.ReplicaState;
import ai.llmd.epp.replication.store.StoreAccess;
import ai.llmd.epp.replication.store.StoreHealth;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps this replica and its peers in step through a store: one thread sends, one reads, one writes
 * a snapshot when it is due, and one sees to it that dead peers and hung threads are noticed.
 * Requests never wait for any of them, and a store that hangs can hang only these.
 *
 * <pre>
 *   requests ─▶ SharedState ─▶ LocalChangePublisher ─▶ OutgoingEntries ─▶ Outbox ─▶ Sender ─▶ log
 *                    ▲                                                                       │
 *                    └─ IndexWriter ◀─ BlockApplier ◀─ BatchApplier ◀─ BatchIntake ◀─ LogReader
 * </pre>
 */
public final class Replicator implements AutoCloseable {

  private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);
  private static final long SETTLING_PAUSE_MILLIS = 10;
  private static final Duration MAX_START = Duration.ofSeconds(60);

  /** A call to the store takes less; a sender has a beat in each lease. */
  private static final Duration MAX_SILENCE = Duration.ofSeconds(10);

  private final StoreAccess store;
  private final SharedState shared;
  private final Outbox outbox;
  private final Sender sender;
  private final LogReader reader;
  private final LeaseTimer timer;
  private final Peers peers;
  private final PoolFollower pool;
  private final CountDownLatch joined = new CountDownLatch(1);
  private volatile boolean isWarm;

  /**
   * What the replicator stands on.
   *
   * @param state what replicas share
   * @param indexes writes the prefix indexes of the state
   * @param claims what this replica and its peers hold against endpoints
   * @param queues what is queued in this replica and its peers
   * @param nanoClock as {@link System#nanoTime()}
   * @param epochMicros wall clock, in microseconds
   */
  public record Parts(
      SharedState state,
      IndexWriter indexes,
      ShareClaims claims,
      ShareQueues queues,
      ReplicationObserver observer,
      ThreadObserver threads,
      LongSupplier nanoClock,
      LongSupplier epochMicros) {}

  /**
   * Nothing is sent or read before {@link #start()}.
   *
   * @param log is closed with this
   */
  public Replicator(
      ReplicationLog log,
      ReplicationSettings settings,
      LocalChangePublisher publisher,
      Parts parts) {
    var clock = parts.nanoClock();
    this.store = storeAccess(log, settings, publisher.writer(), parts);
    this.shared = parts.state();
    var state = new ReplicaState(parts.state(), parts.indexes());

    this.outbox =
        new Outbox(store.writer(), settings.backlogBytes(), parts.epochMicros(), this::wakeSender);
    var entries = new OutgoingEntries(outbox, state.lives(), clock);
    this.sender =
        new Sender(
            store, outbox, new StateAnnouncer(outbox, state, parts.claims(), parts.queues()));

    this.peers = new Peers(state, parts.claims(), parts.queues(), settings.lease().toNanos());
    var progress = new WriterProgress(settings.lease().toNanos());
    var requests = new PeerRequests();
    var blocks = new BlockApplier(state, entries);
    var applier = new BatchApplier(store.writer(), state, blocks, peers, progress, requests, clock);
    this.reader =
        new LogReader(
            store,
            outbox,
            new BatchIntake(store, parts.indexes(), applier),
            peers,
            progress,
            requests,
            new SnapshotScheduler(store, outbox, state),
            () -> !shared.engineCaches().isEmpty(),
            this::caughtUp);

    this.timer = new LeaseTimer(store, peers);
    this.pool = new PoolFollower(state, entries, blocks, peers, clock);
    publisher.connect(entries, this::wakeSender);
  }

  private static StoreAccess storeAccess(
      ReplicationLog log, ReplicationSettings settings, long writer, Parts parts) {
    LongSupplier epochMillis =
        () -> TimeUnit.MICROSECONDS.toMillis(parts.epochMicros().getAsLong());
    var health =
        new StoreHealth(
            log.name() + " at " + log.address(),
            settings.lease().compareTo(MAX_SILENCE) < 0 ? MAX_SILENCE : settings.lease(),
            epochMillis,
            parts.observer());
    return new StoreAccess(
        writer,
        log,
        settings,
        health,
        parts.observer(),
        parts.threads(),
        parts.nanoClock(),
        parts.epochMicros());
  }

  private void wakeSender() {
    sender.wake();
  }

  private void caughtUp() {
    isWarm = true;
    store.health().joined("caught up with peers");
    outbox.markReady();
    sender.sendHeartbeat();
    joined.countDown();
  }

  /** Begins to send and to read; the pool should be known by now. */
  public void start() {
    sender.start();
    reader.start();
    timer.start();
  }

  /**
   * Waits until this replica knows what its peers knew when it started, within the warm-up bound,
   * which begins when the store's own part in this program is up.
   *
   * @return false when the bound came first
   */
  public boolean awaitWarm() throws InterruptedException {
    var _ = reader.awaitStore(MAX_START);
    Duration bound = store.settings().warmUpTimeout();
    long end = store.nanos() + bound.toNanos();
    if (joined.await(bound.toNanos(), TimeUnit.NANOSECONDS) && areCachesSettled(end)) {
      return true;
    }
    store
        .health()
        .joined("warm-up timed out after %d s, state is partial".formatted(bound.toSeconds()));
    return false;
  }

  /** Waits until engines' caches are as far as their streams; false when it takes longer. */
  private boolean areCachesSettled(long end) throws InterruptedException {
    while (!shared.engineCaches().values().stream().allMatch(EngineCaches::isSettled)) {
      if (store.nanos() - end >= 0) {
        return false;
      }
      Thread.sleep(SETTLING_PAUSE_MILLIS);
    }
    return true;
  }

  /** Has to observe the pool, behind the plugins. */
  public PoolObserver poolObserver() {
    return pool;
  }

  /** The state of replication. Any thread. */
  public Status status() {
    return store.health().status();
  }

  /** What was sent and received so far. Any thread. */
  public ReplicationFigures figures() {
    return new ReplicationFigures(
        peers.count(),
        outbox.backlogBytes(),
        outbox.dropped(),
        reader.lostBatches(),
        reader.applied(),
        isWarm);
  }

  /** The number by which peers know this replica. */
  public long id() {
    return store.writer();
  }

  /** The other replicas that are alive. Any thread. */
  public List<ReplicaPeer> peers() {
    return peers.shown(store.nanos());
  }

  /** Sends a farewell, within a bound, and lets go of the store. */
  @Override
  public void close() {
    timer.stop();
    reader.stop();
    sender.stop(CLOSE_BOUND);
    store.log().close();
    reader.awaitEnd(CLOSE_BOUND);
  }
}
