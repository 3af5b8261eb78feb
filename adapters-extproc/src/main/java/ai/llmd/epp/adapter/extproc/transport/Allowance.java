package ai.llmd.epp.adapter.extproc.transport;

import java.time.Duration;

/** How often something may happen within a time. One thread's own. */
final class Allowance {

  private final int most;
  private final long windowNanos;
  private int used;
  private long sinceNanos;

  Allowance(int most, Duration window) {
    this.most = most;
    this.windowNanos = window.toNanos();
  }

  /** It happens once more; false when that is too often. */
  boolean use(long nowNanos) {
    if (used == 0 || nowNanos - sinceNanos > windowNanos) {
      used = 0;
      sinceNanos = nowNanos;
    }
    return ++used <= most;
  }
}
