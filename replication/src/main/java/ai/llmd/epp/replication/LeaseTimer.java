package ai.llmd.epp.replication;

import ai.llmd.epp.application.threads.ThreadGuard;
import ai.llmd.epp.replication.receive.Peers;
import ai.llmd.epp.replication.store.StoreAccess;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread that lets leases run out: peers that are silent for one count as dead, and threads of
 * this replica that hang make it count as cut off. It never calls the store, so it goes on when
 * those that do are held up.
 */
final class LeaseTimer {

  private static final String THREAD = "replication-timer";

  /** Ticks of one lease: by so much of it at most work of a dead peer counts for too long. */
  private static final int TICKS_PER_LEASE = 10;

  private static final long MIN_TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final StoreAccess store;
  private final Peers peers;
  private final long tickNanos;
  private final ThreadGuard guard;
  private final Thread thread;
  private volatile boolean isStopped;

  LeaseTimer(StoreAccess store, Peers peers) {
    this.store = store;
    this.peers = peers;
    this.tickNanos = Math.max(MIN_TICK_NANOS, store.settings().lease().toNanos() / TICKS_PER_LEASE);
    this.guard = new ThreadGuard(THREAD, store.threads());
    this.thread = Thread.ofPlatform().name(THREAD).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void stop() {
    isStopped = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    guard.begin();
    while (!isStopped) {
      guard.attempt(this::tick);
      LockSupport.parkNanos(this, tickNanos);
    }
  }

  private void tick() {
    long now = store.nanos();
    peers.expire(now);
    store.health().check(now);
  }
}
