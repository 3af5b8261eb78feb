package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.in.IndexWriter;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.ReplicationFigures;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.application.port.out.ReplicationObserver.Status;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.domain.state.SharedState;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps this replica and the others of a pool in step through a store: one thread tells, one hears,
 * one writes snapshots when they are wanted. Requests never wait for any of them, and a store that
 * hangs can hang only these.
 *
 * <pre>
 *   requests ─▶ SharedState ─▶ Mouthpiece ─▶ Replica ─▶ Outbox ─▶ Sender ─▶ ReplicationLog
 *                    ▲                          │                                 │
 *                    └────── IndexWriter ◀──────┴──────────── Listener ◀──────────┘
 * </pre>
 */
public final class Replicator implements AutoCloseable {

  private static final Duration CLOSE_BOUND = Duration.ofSeconds(5);
  private static final Duration LONGEST_START = Duration.ofSeconds(60);
  private static final Duration START_LOOK = Duration.ofMillis(20);

  private final ReplicationLog log;
  private final ReplicationSettings settings;
  private final StoreHealth health;
  private final Outbox outbox;
  private final Replica replica;
  private final Sender sender;
  private final Listener listener;
  private final CountDownLatch joined = new CountDownLatch(1);
  private volatile boolean isWarm;

  /**
   * What the replicator stands on.
   *
   * @param state what replicas share
   * @param indexes writes the prefix indexes of the state
   * @param nanoClock as {@link System#nanoTime()}
   * @param epochMicros wall clock, in microseconds
   */
  public record Parts(
      SharedState state,
      IndexWriter indexes,
      ReplicationObserver observer,
      LongSupplier nanoClock,
      LongSupplier epochMicros) {}

  /**
   * Nothing is said or heard before {@link #start()}.
   *
   * @param log is closed with this
   */
  public Replicator(
      ReplicationLog log, ReplicationSettings settings, Mouthpiece mouthpiece, Parts parts) {
    this.log = log;
    this.settings = settings;
    LongSupplier epochMillis =
        () -> TimeUnit.MICROSECONDS.toMillis(parts.epochMicros().getAsLong());
    this.health =
        new StoreHealth(log.name() + " at " + log.address(), epochMillis, parts.observer());
    long writer = mouthpiece.writer();
    this.outbox = new Outbox(writer, settings.backlogBytes(), parts.epochMicros(), this::called);
    var snapshots = new Snapshots(log, writer, outbox, parts);
    var wishes = new Wishes();
    this.replica =
        new Replica(
            writer,
            parts.state(),
            parts.indexes(),
            outbox,
            settings.lease().toNanos(),
            parts.nanoClock(),
            wishes);
    this.sender = new Sender(log, settings, outbox, replica, health, parts);
    this.listener =
        new Listener(
            log,
            settings,
            writer,
            outbox,
            replica,
            wishes,
            snapshots,
            health,
            parts,
            this::caughtUp);
    mouthpiece.connect(this);
  }

  /** Begins to tell and to hear; the pool should be known by now. */
  public void start() {
    sender.start();
    listener.start();
  }

  private void caughtUp() {
    isWarm = true;
    health.joined("caught up with what was known at the start");
    outbox.ready();
    joined.countDown();
  }

  /**
   * Waits until this replica knows what the others knew when it started, within the warm-up bound,
   * which begins when the store's own part in this program is up.
   *
   * @return false when the bound came first
   */
  public boolean awaitWarm() throws InterruptedException {
    long mostStartNanos = System.nanoTime() + LONGEST_START.toNanos();
    while (log.isStarting() && System.nanoTime() - mostStartNanos < 0) {
      Thread.sleep(START_LOOK);
    }
    if (joined.await(settings.warmUpTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
      return true;
    }
    health.joined(
        "began to take requests after %d s without all that others know"
            .formatted(settings.warmUpTimeout().toSeconds()));
    return false;
  }

  /** Has to hear of the pool, behind the plugins. */
  public PoolObserver poolObserver() {
    return replica;
  }

  Replica replica() {
    return replica;
  }

  /** There is something to say. */
  void called() {
    sender.call();
  }

  /** How it stands. Any thread. */
  public Status status() {
    return health.status();
  }

  /** How much is said and heard. Any thread. */
  public ReplicationFigures figures() {
    return new ReplicationFigures(
        replica.peers().count(),
        outbox.backlogBytes(),
        outbox.dropped(),
        listener.lost(),
        listener.applied(),
        isWarm);
  }

  /** Says farewell, within a bound, and lets go of the store. */
  @Override
  public void close() {
    listener.stop();
    sender.stop(CLOSE_BOUND);
    log.close();
    listener.awaitEnd(CLOSE_BOUND);
  }
}
