package ai.llmd.epp.replication;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.port.out.ReplicationObserver;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** The thread that takes what is to be said to the store. */
final class Sender {

  /** Bytes of one append; more go in the next. */
  private static final int PARCEL_BYTES = 512 << 10;

  /** Heartbeats of one lease, so that one or two may be lost. */
  private static final int BEATS_PER_LEASE = 3;

  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ReplicationLog log;
  private final long restNanos;
  private final long beatNanos;
  private final Outbox outbox;
  private final Replica replica;
  private final StoreHealth health;
  private final ReplicationObserver observer;
  private final LongSupplier nanoClock;
  private final Thread thread;
  private volatile boolean isAsleep;
  private volatile boolean isCalled;
  private volatile boolean isStopped;

  // this thread's own
  private long nextBeatNanos;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  Sender(
      ReplicationLog log,
      ReplicationSettings settings,
      Outbox outbox,
      Replica replica,
      StoreHealth health,
      Replicator.Parts parts) {
    this.log = log;
    this.restNanos = settings.flushInterval().toNanos();
    this.beatNanos = settings.lease().toNanos() / BEATS_PER_LEASE;
    this.outbox = outbox;
    this.replica = replica;
    this.health = health;
    this.observer = parts.observer();
    this.nanoClock = parts.nanoClock();
    this.thread = Thread.ofPlatform().name("replication-sender").daemon().unstarted(this::run);
  }

  void start() {
    nextBeatNanos = nanoClock.getAsLong();
    thread.start();
  }

  /** There is something to say. Waking the thread is what costs, so it is done once per sleep. */
  void call() {
    isCalled = true;
    if (isAsleep) {
      isAsleep = false;
      LockSupport.unpark(thread);
    }
  }

  /** Says farewell as the last thing, unless the store fails; waits for it within the bound. */
  void stop(Duration bound) {
    isStopped = true;
    LockSupport.unpark(thread);
    if (thread.getState() == Thread.State.NEW) {
      return;
    }
    try {
      thread.join(bound);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (log.isStarting() && !isStopped) {
      LockSupport.parkNanos(this, FIRST_PAUSE_NANOS);
    }
    while (!isStopped) {
      beat();
      replica.sayLoads();
      Outbox.Parcel parcel = outbox.next(PARCEL_BYTES);
      if (parcel.isEmpty()) {
        outbox.sent(parcel);
        sleepUntilCalled();
      } else if (!append(parcel)) {
        pause();
      } else if (parcel.bytes() < PARCEL_BYTES) {
        LockSupport.parkNanos(this, restNanos); // company for what is said meanwhile
      }
    }
    replica.sayFarewell();
    append(outbox.next(PARCEL_BYTES));
  }

  private void beat() {
    if (nanoClock.getAsLong() - nextBeatNanos >= 0) {
      replica.sayWholeLoad();
      nextBeatNanos = nanoClock.getAsLong() + beatNanos;
    }
  }

  private boolean append(Outbox.Parcel parcel) {
    long startedAt = nanoClock.getAsLong();
    try {
      if (!parcel.batches().isEmpty()) {
        log.append(parcel.batches());
      }
    } catch (StoreException e) {
      health.failed(StoreHealth.Use.APPEND, String.valueOf(e.getMessage()));
      return false;
    }
    outbox.sent(parcel);
    health.worked(StoreHealth.Use.APPEND);
    pauseNanos = FIRST_PAUSE_NANOS;
    observer.appended(parcel.batches().size(), parcel.bytes(), nanoClock.getAsLong() - startedAt);
    return true;
  }

  private void pause() {
    LockSupport.parkNanos(this, pauseNanos);
    pauseNanos = Math.min(2 * pauseNanos, LONGEST_PAUSE_NANOS);
  }

  private void sleepUntilCalled() {
    isAsleep = true; // before looking once more: who calls after the look sees it
    if (!isCalled && !isStopped) {
      LockSupport.parkNanos(this, Math.max(1, nextBeatNanos - nanoClock.getAsLong()));
    }
    isAsleep = false;
    isCalled = false;
  }
}
