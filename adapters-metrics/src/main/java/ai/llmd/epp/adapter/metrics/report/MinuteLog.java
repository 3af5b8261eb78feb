package ai.llmd.epp.adapter.metrics.report;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Makes of what thousands of endpoints may suffer at once a line a minute: the first is reported at
 * once, and those of the minute after it together, with one of them for an example. Any thread.
 */
public final class MinuteLog {

  /**
   * What is reported.
   *
   * @param endpoint the one, or the last of several
   * @param reason its
   * @param others how many more there were since the last line
   */
  public record Line(String endpoint, String reason, long others) {}

  private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

  private final LongSupplier nanoClock;
  private final Consumer<Line> log;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean isWaiting;

  // under the lock
  private long lastLineNanos;
  private long waiting;
  private String endpoint = "";
  private String reason = "";

  /**
   * @param nanoClock as {@link System#nanoTime()}
   * @param log receives the lines, one at a time
   */
  public MinuteLog(LongSupplier nanoClock, Consumer<Line> log) {
    this.nanoClock = nanoClock;
    this.log = log;
    this.lastLineNanos = nanoClock.getAsLong() - MINUTE_NANOS;
  }

  /** Reports one endpoint, now or with others later. */
  public void note(String ofEndpoint, String forReason) {
    lock.lock();
    try {
      endpoint = ofEndpoint;
      reason = forReason;
      waiting++;
      isWaiting = true;
      writeWhenDue();
    } finally {
      lock.unlock();
    }
  }

  /** Writes what has waited for a minute. Call often: it costs a read when nothing waits. */
  public void flush() {
    if (isWaiting && lock.tryLock()) {
      try {
        writeWhenDue();
      } finally {
        lock.unlock();
      }
    }
  }

  private void writeWhenDue() {
    long now = nanoClock.getAsLong();
    if (waiting > 0 && now - lastLineNanos >= MINUTE_NANOS) {
      Line line = new Line(endpoint, reason, waiting - 1);
      lastLineNanos = now;
      waiting = 0;
      isWaiting = false;
      log.accept(line);
    }
  }
}
