package ai.llmd.epp.sidecar.edge;

import java.time.Duration;

/** Counts the exchanges under way in all listeners of a process. Any thread. */
public final class InFlight {

  private int count; // guarded by this
  private boolean isStopping; // guarded by this

  synchronized void began() {
    count++;
  }

  synchronized void ended() {
    count--;
    notifyAll();
  }

  public synchronized int count() {
    return count;
  }

  /** Whether connections should end with the answer that is under way. */
  public synchronized boolean isStopping() {
    return isStopping;
  }

  /** No request after those under way is wanted. */
  public synchronized void stop() {
    isStopping = true;
  }

  /** Waits until nothing is under way; false when something still is after this time. */
  public synchronized boolean awaitNone(Duration longest) throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    while (count > 0) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return true;
  }
}
