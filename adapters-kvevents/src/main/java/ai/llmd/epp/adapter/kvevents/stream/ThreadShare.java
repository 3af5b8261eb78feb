package ai.llmd.epp.adapter.kvevents.stream;

import java.util.function.LongSupplier;

/**
 * How long one source of messages may keep the subscriber's thread, so that messages which take
 * long, of one publisher, do not make those of all others wait. In each turn it has 5 ms. A message
 * is never interrupted: what it takes beyond that, its source goes without in as many turns, which
 * are short when nothing else waits. Belongs to the subscriber's thread.
 */
final class ThreadShare {

  static final long TURN_NANOS = 5_000_000;

  private final LongSupplier nanos;
  private long beganAt;
  private long owed;

  /**
   * @param nanos the time, in the manner of {@link System#nanoTime}
   */
  ThreadShare(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** A turn begins; false when others go first. */
  boolean begin() {
    if (owed >= TURN_NANOS) {
      owed -= TURN_NANOS;
      return false;
    }
    beganAt = nanos.getAsLong();
    return true;
  }

  /** Whether the next message has to wait for the next turn. */
  boolean isSpent() {
    return nanos.getAsLong() - beganAt >= TURN_NANOS;
  }

  /** The turn is over. */
  void end() {
    owed = Math.max(0, owed + nanos.getAsLong() - beganAt - TURN_NANOS);
  }
}
