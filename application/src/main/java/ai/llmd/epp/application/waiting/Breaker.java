package ai.llmd.epp.application.waiting;

import java.util.concurrent.atomic.LongAdder;

/**
 * Keeps requests from waiting for a step that spent its budget several times in a row. After a
 * pause one of them waits again to see; when that comes to something, all do. Any thread; while the
 * step answers, asking costs a read.
 */
final class Breaker {

  private final LongAdder skipped = new LongAdder();
  private volatile boolean isOpen; // written under this object's lock, as the others
  private volatile int spentInARow;
  private long probeAtNanos;

  /** Whether a request may wait for the step; of an open breaker this is true for a probe. */
  boolean mayWait(Breaking rule, long nowNanos) {
    if (!isOpen || isProbe(rule, nowNanos)) {
      return true;
    }
    skipped.increment();
    return false;
  }

  private synchronized boolean isProbe(Breaking rule, long nowNanos) {
    if (!isOpen) {
      return true;
    }
    if (nowNanos - probeAtNanos < 0) {
      return false;
    }
    probeAtNanos = nowNanos + rule.pause().toNanos(); // the next one, if this comes to nothing
    return true;
  }

  /** A call spent the whole budget that it may have. */
  synchronized void spent(Breaking rule, long nowNanos) {
    spentInARow = Math.min(spentInARow + 1, Integer.MAX_VALUE - 1);
    if (isOpen || spentInARow >= rule.afterSpentBudgets()) {
      isOpen = true;
      probeAtNanos = nowNanos + rule.pause().toNanos();
    }
  }

  /** A call came to an end in time, be it a failure. */
  void ended() {
    if (spentInARow > 0) {
      close();
    }
  }

  private synchronized void close() {
    spentInARow = 0;
    isOpen = false;
  }

  boolean isOpen() {
    return isOpen;
  }

  int spentInARow() {
    return spentInARow;
  }

  /** Requests that did not wait. */
  long skipped() {
    return skipped.sum();
  }
}
