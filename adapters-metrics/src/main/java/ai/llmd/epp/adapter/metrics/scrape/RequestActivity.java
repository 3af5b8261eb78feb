package ai.llmd.epp.adapter.metrics.scrape;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Knows whether requests have been coming lately. A request costs one read, and one write when it
 * is the first since an event loop last looked.
 */
final class RequestActivity {

  private final long idleAfterNanos; // 0: never idle
  private final Runnable wake;
  private final AtomicBoolean seen = new AtomicBoolean();
  private final AtomicBoolean idle = new AtomicBoolean();
  private final AtomicLong lastSeenNanos;

  /**
   * @param wake called by the first request after a pause, on its thread; must not block
   */
  RequestActivity(long idleAfterNanos, long nowNanos, Runnable wake) {
    this.idleAfterNanos = idleAfterNanos;
    this.lastSeenNanos = new AtomicLong(nowNanos);
    this.wake = wake;
  }

  /** Any thread. */
  void requestSeen() {
    if (!seen.getOpaque()) {
      seen.setOpaque(true);
    }
    // A request that just misses the change to idle is noticed at the next tick instead.
    if (idle.getOpaque() && idle.compareAndSet(true, false)) {
      wake.run();
    }
  }

  /** Event loops ask at every tick. */
  boolean isIdle(long nowNanos) {
    if (idleAfterNanos == 0) {
      return false;
    }
    if (seen.getOpaque()) {
      seen.setOpaque(false);
      lastSeenNanos.setOpaque(nowNanos);
    }
    boolean isIdleNow = nowNanos - lastSeenNanos.getOpaque() >= idleAfterNanos;
    if (idle.getOpaque() != isIdleNow) {
      idle.set(isIdleNow);
    }
    return isIdleNow;
  }
}
