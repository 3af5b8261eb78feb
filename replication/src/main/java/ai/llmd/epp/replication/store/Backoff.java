package ai.llmd.epp.replication.store;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Pauses after failed calls, from 50 ms doubling up to a second. One thread. */
public final class Backoff {

  /** The shortest pause, and how often something is looked at that may take a moment. */
  public static final long MIN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private long nextNanos = MIN_PAUSE_NANOS;

  /** Pauses this thread; an unpark ends it early. */
  public void pause() {
    LockSupport.parkNanos(this, nextNanos);
    nextNanos = Math.min(2 * nextNanos, MAX_PAUSE_NANOS);
  }

  /** A call succeeded. */
  public void reset() {
    nextNanos = MIN_PAUSE_NANOS;
  }
}
