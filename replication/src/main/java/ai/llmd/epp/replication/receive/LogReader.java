package ai.llmd.epp.replication.receive;

import ai.llmd.epp.application.port.out.ReplicationLog.Entry;
import ai.llmd.epp.application.port.out.ReplicationLog.Page;
import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.replication.receive.ReaderPhase.CatchingUp;
import ai.llmd.epp.replication.receive.ReaderPhase.Following;
import ai.llmd.epp.replication.receive.ReaderPhase.Starting;
import ai.llmd.epp.replication.send.Outbox;
import ai.llmd.epp.replication.snapshot.SnapshotLoader;
import ai.llmd.epp.replication.snapshot.SnapshotScheduler;
import ai.llmd.epp.replication.store.Backoff;
import ai.llmd.epp.replication.store.StoreAccess;
import ai.llmd.epp.replication.store.StoreHealth;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The thread that reads the log: it catches up, follows, has gaps repaired, and answers what peers
 * request.
 */
public final class LogReader {

  private static final String THREAD = "replication-reader";
  private static final int PAGE_ENTRIES = 512;
  private static final Duration MAX_WAIT = Duration.ofMillis(200);

  /** Readers pause half as long as writers collect entries. */
  private static final int PAUSES_PER_FLUSH = 2;

  private final StoreAccess store;
  private final Outbox outbox;
  private final BatchIntake intake;
  private final Peers peers;
  private final WriterProgress progress;
  private final PeerRequests requests;
  private final GapRepair repair;
  private final SnapshotLoader loader;
  private final SnapshotScheduler snapshots;
  private final BooleanSupplier hasEngineCaches;
  private final Runnable caughtUp;
  private final long pauseNanos;
  private final ThreadGuard guard;
  private final Thread thread;
  private final CountDownLatch storeIsUp = new CountDownLatch(1);
  private volatile boolean isStopped;
  private volatile long applied;
  private volatile long lostBatches;

  // this thread's own
  private final Backoff backoff = new Backoff();
  private ReaderPhase phase = ReaderPhase.STARTING;
  private Position position = Position.START;

  /**
   * @param hasEngineCaches whether there is something here that only snapshots bring
   * @param caughtUp run once, when everything is known that was known at the start
   */
  public LogReader(
      StoreAccess store,
      Outbox outbox,
      BatchIntake intake,
      Peers peers,
      WriterProgress progress,
      PeerRequests requests,
      SnapshotScheduler snapshots,
      BooleanSupplier hasEngineCaches,
      Runnable caughtUp) {
    this.store = store;
    this.outbox = outbox;
    this.intake = intake;
    this.peers = peers;
    this.progress = progress;
    this.requests = requests;
    this.snapshots = snapshots;
    this.hasEngineCaches = hasEngineCaches;
    this.caughtUp = caughtUp;
    this.repair = new GapRepair(store, outbox, peers, progress);
    this.loader = new SnapshotLoader(store);
    this.pauseNanos = store.settings().flushInterval().toNanos() / PAUSES_PER_FLUSH;
    this.guard = new ThreadGuard(THREAD, store.threads());
    this.thread = Thread.ofPlatform().name(THREAD).daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  /** Ends after the current call to the store. */
  public void stop() {
    isStopped = true;
    intake.stop();
  }

  public void awaitEnd(Duration bound) {
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(bound);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Waits until the store's own part in this program is up. Any thread.
   *
   * @return false when the bound came first
   */
  public boolean awaitStore(Duration bound) throws InterruptedException {
    return storeIsUp.await(bound.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Entries of peers applied so far. Any thread. */
  public long applied() {
    return applied;
  }

  /** Batches of peers that no peer could retransmit. Any thread. */
  public long lostBatches() {
    return lostBatches;
  }

  private void run() {
    guard.begin();
    while (!isStopped) {
      if (!guard.attempt(this::round, this::failed)) {
        backoff.pause();
      }
    }
  }

  private void failed(RuntimeException failure) {
    store.health().failed(StoreHealth.Use.READ, "the reader " + NonFatal.describe(failure));
  }

  private void round() {
    store.health().beat(StoreHealth.Use.READ, store.nanos());
    if (store.log().isStarting()) {
      LockSupport.parkNanos(this, Backoff.MIN_PAUSE_NANOS);
      return;
    }
    storeIsUp.countDown();
    try {
      if (phase instanceof Starting) {
        phase = begin();
      }
      readOn();
      store.health().succeeded(StoreHealth.Use.READ);
      backoff.reset();
    } catch (StoreException e) {
      pause(String.valueOf(e.getMessage()));
    }
  }

  private void pause(String reason) {
    if (!isStopped) {
      store.health().failed(StoreHealth.Use.READ, reason);
      backoff.pause();
    }
  }

  private CatchingUp begin() throws StoreException {
    Position target = store.log().extent().newest();
    @Nullable Position snapshot = loader.load(intake::acceptChunk);
    if (snapshot != null) {
      position = snapshot;
    }
    return new CatchingUp(target, false);
  }

  private void readOn() throws StoreException {
    Page page = readPage();
    boolean isAtEnd = page.entries().size() < PAGE_ENTRIES;
    answerPeers();
    loadAvailableSnapshot();
    if (isAtEnd) {
      switch (phase) {
        case Starting starting -> {}
        case CatchingUp catchingUp -> followIfCaughtUp(catchingUp);
        case Following following -> repair.requestRetransmissions();
      }
    }
    repair.requestSnapshot();
    writeSnapshots();
    if (isAtEnd && !page.entries().isEmpty()) {
      LockSupport.parkNanos(this, pauseNanos); // so that many writers do not wake it one by one
    }
  }

  private Page readPage() throws StoreException {
    Page page = store.log().read(position, PAGE_ENTRIES, MAX_WAIT);
    if (page.hasGap()) {
      logLost();
    }
    for (Entry entry : page.entries()) {
      position = entry.position(); // whatever becomes of it, it is not read again
      intake.acceptBatch(entry.batch());
      store.health().beat(StoreHealth.Use.READ, store.nanos());
    }
    position = page.next();
    applied = intake.applied();
    lostBatches = progress.lostBatches();
    return page;
  }

  /** A part of the log is gone before it was read: only a snapshot has its contents. */
  private void logLost() {
    repair.requireSnapshot();
    if (phase instanceof Following) {
      snapshots.request(); // the store may have lost its snapshot, too, and what peers missed
    }
  }

  private void answerPeers() {
    if (!requests.retransmit(outbox)) {
      snapshots.request();
    }
    if (requests.takeSnapshotRequest() && writesSnapshots()) {
      snapshots.request();
    }
  }

  /** Of the replicas that have caught up, the one with the lowest number writes. */
  private boolean writesSnapshots() {
    return phase instanceof Following && peers.isLowestReady(store.writer());
  }

  private void loadAvailableSnapshot() throws StoreException {
    if (requests.takeSnapshotAvailable()
        && repair.isSnapshotUseful()
        && loader.load(intake::acceptChunk) != null) {
      repair.snapshotLoaded();
      if (phase instanceof CatchingUp catchingUp) {
        phase = catchingUp.withPeerSnapshot();
      }
    }
  }

  private void followIfCaughtUp(CatchingUp catchingUp) {
    if (!catchingUp.hasReached(position)) {
      return;
    }
    if (!catchingUp.hasPeerSnapshot() && (progress.hasGaps() || isSnapshotWanted())) {
      repair.requireSnapshot();
    }
    if (!repair.isSnapshotRequired()) {
      phase = ReaderPhase.FOLLOWING;
      peers.caughtUp(store.nanos(), store.micros());
      caughtUp.run();
    }
  }

  /** Engines' caches come by a snapshot alone, and one of now leaves least to replay. */
  private boolean isSnapshotWanted() {
    return hasEngineCaches.getAsBoolean() && peers.hasReadyPeer();
  }

  private void writeSnapshots() {
    if (writesSnapshots()) {
      snapshots.requestIfOld(intake.applied() + outbox.added());
    }
    snapshots.writeIfRequested(position, progress::receivedUpTo);
  }
}
