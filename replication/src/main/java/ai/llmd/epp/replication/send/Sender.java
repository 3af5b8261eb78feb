package ai.llmd.epp.replication.send;

import ai.llmd.epp.application.port.out.ReplicationLog.StoreException;
import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.replication.store.Backoff;
import ai.llmd.epp.replication.store.StoreAccess;
import ai.llmd.epp.replication.store.StoreHealth;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The thread that appends this replica's batches to the log. */
public final class Sender {

  private static final String THREAD = "replication-sender";

  /** Bytes of one append; more go in the next. */
  private static final int APPEND_BYTES = 512 << 10;

  /** Heartbeats of one lease, so that one or two may be lost. */
  private static final int HEARTBEATS_PER_LEASE = 3;

  private final StoreAccess store;
  private final Outbox outbox;
  private final StateAnnouncer state;
  private final long flushNanos;
  private final long heartbeatNanos;
  private final ThreadGuard guard;
  private final Thread thread;
  private volatile boolean isAsleep;
  private volatile boolean isWoken;
  private volatile boolean isStopped;
  private volatile boolean isHeartbeatWanted;

  // this thread's own
  private final Backoff backoff = new Backoff();
  private long nextHeartbeatNanos;

  public Sender(StoreAccess store, Outbox outbox, StateAnnouncer state) {
    this.store = store;
    this.outbox = outbox;
    this.state = state;
    this.flushNanos = store.settings().flushInterval().toNanos();
    this.heartbeatNanos = store.settings().lease().toNanos() / HEARTBEATS_PER_LEASE;
    this.guard = new ThreadGuard(THREAD, store.threads());
    this.thread = Thread.ofPlatform().name(THREAD).daemon().unstarted(this::run);
  }

  public void start() {
    nextHeartbeatNanos = store.nanos();
    thread.start();
  }

  /**
   * There is something to send. Any thread. Unparking is what costs, so it is done once per sleep.
   */
  public void wake() {
    isWoken = true;
    if (isAsleep) {
      isAsleep = false;
      LockSupport.unpark(thread);
    }
  }

  /**
   * Peers are to hear of this replica now, not with the next heartbeat: one that starts within
   * seconds would take itself for the only one. Any thread.
   */
  public void sendHeartbeat() {
    isHeartbeatWanted = true;
    wake();
  }

  /** Appends a farewell as the last thing, unless the store fails; waits for it within a bound. */
  public void stop(Duration bound) {
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
    guard.begin();
    while (!isStopped) {
      if (!guard.attempt(this::round, this::failed)) {
        backoff.pause();
      }
    }
    guard.attempt(
        () -> {
          state.announceFarewell();
          append(outbox.next(APPEND_BYTES));
        });
  }

  private void failed(RuntimeException failure) {
    store.health().failed(StoreHealth.Use.APPEND, "the sender " + NonFatal.describe(failure));
  }

  private void round() {
    store.health().beat(StoreHealth.Use.APPEND, store.nanos());
    if (store.log().isStarting()) {
      LockSupport.parkNanos(this, Backoff.MIN_PAUSE_NANOS);
      return;
    }
    sendHeartbeatIfDue();
    state.announceChanges();
    SendBatch next = outbox.next(APPEND_BYTES);
    if (next.isEmpty()) {
      outbox.markSent(next);
      sleepUntilWoken();
    } else if (!append(next)) {
      backoff.pause();
    } else if (next.bytes() < APPEND_BYTES) {
      LockSupport.parkNanos(this, flushNanos); // so that more entries share the next batch
    }
  }

  private void sendHeartbeatIfDue() {
    if (isHeartbeatWanted || store.nanos() - nextHeartbeatNanos >= 0) {
      isHeartbeatWanted = false; // before the state is looked at
      state.announceAll();
      nextHeartbeatNanos = store.nanos() + heartbeatNanos;
    }
  }

  private boolean append(SendBatch next) {
    long startedAt = store.nanos();
    try {
      if (!next.batches().isEmpty()) {
        store.log().append(next.batches());
      }
    } catch (StoreException e) {
      store.health().failed(StoreHealth.Use.APPEND, String.valueOf(e.getMessage()));
      return false;
    }
    outbox.markSent(next);
    store.health().succeeded(StoreHealth.Use.APPEND);
    backoff.reset();
    store.observer().appended(next.batches().size(), next.bytes(), store.nanos() - startedAt);
    return true;
  }

  private void sleepUntilWoken() {
    isAsleep = true; // before checking once more: a call of wake() after the check sees it
    if (!isWoken && !isStopped) {
      LockSupport.parkNanos(this, Math.max(1, nextHeartbeatNanos - store.nanos()));
    }
    isAsleep = false;
    isWoken = false;
  }
}
