package ai.llmd.epp.application.waiting;

import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RoutingHints;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long one request may still wait, over all of its steps: until its own budget ends, the
 * gateway gives it up, or its client does. Immutable; any thread.
 *
 * @param beganAtNanos when the request came, on the scale of the clock
 * @param endsAtNanos when its own budget ends
 * @param request tells how long its client waits, and how long the gateway keeps its stream
 * @param rules when the gateway gives it up, and which headers count
 * @param nanoClock as {@link System#nanoTime()}
 */
public record Budget(
    long beganAtNanos,
    long endsAtNanos,
    ReceivedRequest request,
    WaitingRules rules,
    LongSupplier nanoClock) {

  /** Of the gateway's timeout, so much is left to decide in and to answer. */
  private static final int PARTS_OF_TIMEOUT = 10;

  /** The same after time in a queue; it does not make the gateway or the client wait longer. */
  public Budget later(long nanos) {
    return new Budget(beganAtNanos, endsAtNanos + nanos, request, rules, nanoClock);
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
    long deadline = deadlineNanos();
    if (deadline != RoutingHints.NEVER) {
      left = Math.min(left, deadline - now);
    }
    return Math.clamp(left, 0, wish.toNanos());
  }

  /**
   * When the gateway has given its stream up, or the client its request, on the scale of the clock;
   * {@link RoutingHints#NEVER} when they do not.
   */
  public long deadlineNanos() {
    long client = ClientDeadline.nanos(request.headers(), rules.deadlineHeaders());
    long ofStream = request.hints().deadlineNanos();
    return client == ClientDeadline.NONE ? ofStream : Math.min(ofStream, beganAtNanos + client);
  }
}
