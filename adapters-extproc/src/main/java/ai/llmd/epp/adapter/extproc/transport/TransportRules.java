package ai.llmd.epp.adapter.extproc.transport;

import java.time.Duration;

/**
 * What one connection may do.
 *
 * @param maxMessageBytes most bytes of one message received, compressed or not
 * @param windowBytes flow-control window of a stream, and of the connection
 * @param maxStreams most streams at once; further ones are refused
 * @param maxResets most streams that the peer resets within {@code resetWindow}
 * @param leastBetweenPings pings that follow one another faster are too many after the second
 * @param quietBeforePing without a byte for so long the peer is asked whether it lives
 * @param maxPingWait how long it may take to answer
 */
public record TransportRules(
    int maxMessageBytes,
    int windowBytes,
    int maxStreams,
    int maxResets,
    Duration resetWindow,
    Duration leastBetweenPings,
    Duration quietBeforePing,
    Duration maxPingWait) {

  public TransportRules {
    if (maxMessageBytes < 1 || maxStreams < 1 || maxResets < 1) {
      throw new IllegalArgumentException("limits must be 1 or more");
    }
    if (windowBytes < Frames.FIRST_WINDOW_BYTES) {
      throw new IllegalArgumentException("a window has 65535 bytes or more, was " + windowBytes);
    }
  }
}
