package ai.llmd.epp.simulator.settings;

/**
 * How a server publishes what its prefix cache holds.
 *
 * @param endpoint ZeroMQ address: {@code tcp://*:5557} is bound, another one connected to
 * @param replayEndpoint where missed messages are asked for, bound; empty for nowhere
 * @param kept messages that can be replayed
 * @param batch events of one message
 * @param isMap whether events are maps, as SGLang and newer engines write them, or arrays
 * @param host by which others reach the server, in topics
 * @param boundHost what {@code *} stands for: where the server listens; empty for all interfaces
 * @param lossPercent share of messages that are not sent, though they can be replayed
 */
public record KvEventSettings(
    String endpoint,
    String replayEndpoint,
    int kept,
    int batch,
    boolean isMap,
    String host,
    String boundHost,
    int lossPercent) {

  public KvEventSettings {
    require(kept >= 0 && kept <= 1 << 20, "kv-events-replay-queue-size must be 0 or more");
    require(batch >= 1, "event-batch-size must be 1 or more");
    require(
        lossPercent >= 0 && lossPercent <= 100, "kv-events-loss-percent must be within 0 and 100");
  }

  private static void require(boolean isRight, String sentence) {
    if (!isRight) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
