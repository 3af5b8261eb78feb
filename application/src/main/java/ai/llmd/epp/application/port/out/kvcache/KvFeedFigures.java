package ai.llmd.epp.application.port.out.kvcache;

import java.util.Map;

/**
 * What a feed of KV-cache events shows of itself.
 *
 * @param publishers by name: the endpoint's, or {@value #BOUND} and a blank and its address and
 *     port for a publisher that connects to us; as many as the pool has endpoints, 4,096 more at
 *     most
 * @param waitingMessages received and not applied yet
 * @param strayMessages received from those that connect to us, without being one of a known
 *     endpoint's
 * @param refusedConnections of those that would connect to us, closed as too many are open
 */
public record KvFeedFigures(
    Map<String, Publisher> publishers,
    long waitingMessages,
    long strayMessages,
    long refusedConnections) {

  /** The name of all that connect to us. */
  public static final String BOUND = "local-subscriber";

  /** A feed without publishers. */
  public static final KvFeedFigures NONE = new KvFeedFigures(Map.of(), 0, 0, 0);

  /**
   * One publisher.
   *
   * @param connectErrors attempts to connect that failed, the handshake included
   * @param receiveErrors connections that ended
   */
  public record Publisher(KvStreamStatus status, long connectErrors, long receiveErrors) {}
}
