package ai.llmd.epp.traces.otlp;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Ends what takes too long. A timer that is set outlives the sending for which it was set, and
 * serves those that follow: to set and to cancel one for each would wake the timers' thread twice
 * each time, which costs more than to send. Any thread.
 */
final class SendDeadline {

  private final Runnable expired;
  private long end;
  private boolean isSending;
  private boolean isSet;

  /**
   * @param expired run while something is being sent whose time is over; returns soon
   */
  SendDeadline(Runnable expired) {
    this.expired = expired;
  }

  /**
   * Something is being sent from now on.
   *
   * @param endNanos as {@link System#nanoTime}; not before that of the one before
   */
  synchronized void begin(long endNanos) {
    end = endNanos;
    isSending = true;
    if (!isSet) {
      set();
    }
  }

  /** It was sent, or was given up: what expires later does not concern it. */
  synchronized void end() {
    isSending = false;
  }

  private void set() {
    isSet = true;
    long left = Math.max(0, end - System.nanoTime());
    CompletableFuture.delayedExecutor(left, TimeUnit.NANOSECONDS).execute(this::look);
  }

  private synchronized void look() {
    isSet = false;
    if (!isSending) {
      return;
    }
    if (end - System.nanoTime() > 0) {
      set();
    } else {
      isSending = false;
      expired.run();
    }
  }
}
