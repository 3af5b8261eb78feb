package ai.llmd.epp.application.waiting;

import ai.llmd.epp.domain.request.RequestHeaders;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long one request may still wait, over all of its steps: until its own budget ends, the
 * gateway gives it up, or its client does. Immutable; any thread.
 *
 * @param beganAtNanos when the request came, on the scale of the clock
 * @param endsAtNanos when its own budget ends
 * @param headers tell how long its client waits
 * @param rules when the gateway gives it up, and which headers count
 * @param nanoClock as {@link System#nanoTime()}
 */
public record Budget(
    long beganAtNanos,
    long endsAtNanos,
    RequestHeaders headers,
    WaitingRules rules,
    LongSupplier nanoClock) {

  /** Of the gateway's timeout, so much is left to decide in and to answer. */
  private static final int PARTS_OF_TIMEOUT = 10;

  /** The same after time in a queue; it does not make the gateway or the client wait longer. */
  public Budget later(long nanos) {
    return new Budget(beganAtNanos, endsAtNanos + nanos, headers, rules, nanoClock);
  }

  /** What a step may take that would like this much, in nanoseconds; 0 when nothing is left. */
  public long nanosFor(Duration wish) {
    long now = nanoClock.getAsLong();
    long left = endsAtNanos - now;
    long waited = now - beganAtNanos;
    long timeout = rules.messageTimeout().toNanos();
    if (timeout > 0) {
      left = Math.min(left, timeout - timeout / PARTS_OF_TIMEOUT - waited);
    }
    long client = ClientDeadline.nanos(headers, rules.deadlineHeaders());
    if (client != ClientDeadline.NONE) {
      left = Math.min(left, client - waited);
    }
    return Math.clamp(left, 0, wish.toNanos());
  }
}
