package ai.llmd.epp.adapter.extproc.server;

import java.time.Duration;

/**
 * What one connection of a gateway may do, and how long a request may take to come.
 *
 * @param streams most streams at once; the gateway is told, and opens another connection
 * @param resets most streams that it resets within {@value #RESET_WINDOW_SECONDS} s; above it the
 *     connection ends
 * @param untilFirstMessage how long a stream may stay without its first message; zero for ever
 * @param betweenMessages how long the next piece of a request, or the taking of its answer, may
 *     take; zero for ever. Ten times as long where the gateway collects the body itself
 */
public record ConnectionLimits(
    int streams, int resets, Duration untilFirstMessage, Duration betweenMessages) {

  /** The time in which resets are counted. */
  public static final int RESET_WINDOW_SECONDS = 10;

  /** 10 000 streams, 100 000 resets, 30 s and 60 s. */
  public static final ConnectionLimits DEFAULT =
      new ConnectionLimits(10_000, 100_000, Duration.ofSeconds(30), Duration.ofSeconds(60));

  public ConnectionLimits {
    if (streams < 1 || resets < 1) {
      throw new IllegalArgumentException("streams and resets must be 1 or more");
    }
    if (untilFirstMessage.isNegative() || betweenMessages.isNegative()) {
      throw new IllegalArgumentException("times must not be negative");
    }
  }
}
