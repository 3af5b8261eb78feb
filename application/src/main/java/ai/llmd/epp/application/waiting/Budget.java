package ai.llmd.epp.application.waiting;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long one request may still wait, over all of its steps. Immutable; any thread.
 *
 * @param endsAtNanos on the scale of the clock
 * @param nanoClock as {@link System#nanoTime()}
 */
public record Budget(long endsAtNanos, LongSupplier nanoClock) {

  /** A budget that starts now. */
  public static Budget starting(Duration length, LongSupplier nanoClock) {
    return new Budget(nanoClock.getAsLong() + length.toNanos(), nanoClock);
  }

  /** The same, ending as much later. */
  public Budget later(long nanos) {
    return new Budget(endsAtNanos + nanos, nanoClock);
  }

  /** What a step may take that would like this much, in nanoseconds; 0 when nothing is left. */
  public long nanosFor(Duration wish) {
    long left = endsAtNanos - nanoClock.getAsLong();
    return Math.clamp(left, 0, wish.toNanos());
  }
}
