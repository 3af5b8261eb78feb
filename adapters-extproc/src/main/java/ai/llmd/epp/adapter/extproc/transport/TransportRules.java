package ai.llmd.epp.adapter.extproc.transport;

import java.time.Duration;

/**
 * What one connection may do.
 *
 * @param maxMessageBytes most bytes of one message received, compressed or not
 * @param streamWindowBytes flow-control window of a stream
 * @param connectionWindowBytes of all its streams together; so much larger that a few which wait
 *     leave some to the others
 * @param maxStreams most streams at once; further ones are refused
 * @param maxResets most streams that the peer resets within {@code resetWindow}
 * @param leastBetweenPings pings that follow one another faster are too many after the second
 * @param quietBeforePing without a byte for so long the peer is asked whether it lives
 * @param maxPingWait how long it may take to answer
 */
public record TransportRules(
    int maxMessageBytes,
    int streamWindowBytes,
    int connectionWindowBytes,
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
    if (streamWindowBytes < Frames.FIRST_WINDOW_BYTES
        || connectionWindowBytes <= streamWindowBytes) {
      throw new IllegalArgumentException(
          "windows of 65535 bytes or more for a stream, and more for the connection, were %d and %d"
              .formatted(streamWindowBytes, connectionWindowBytes));
    }
  }
}
