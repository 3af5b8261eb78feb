package ai.llmd.epp.application.waiting;

import java.util.concurrent.atomic.AtomicInteger;

/** Counts what waits, up to a limit. Any thread. */
public final class WaitingCount {

  private final int limit;
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param limit how many may wait at once, 1 or more
   */
  public WaitingCount(int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("limit must be 1 or more, was " + limit);
    }
    this.limit = limit;
  }

  /** Lets one more wait; false, and nothing changed, when as many wait as may. */
  public boolean enter() {
    if (waiting.incrementAndGet() <= limit) {
      return true;
    }
    waiting.decrementAndGet();
    return false;
  }

  /** One that left waits again; it is not turned away, even beyond the limit. */
  public void enterAgain() {
    waiting.incrementAndGet();
  }

  /** One that entered waits no more. */
  public void leave() {
    waiting.decrementAndGet();
  }

  /** How many wait now. */
  public int count() {
    return waiting.get();
  }

  public int limit() {
    return limit;
  }
}
