package ai.llmd.epp.simulator.settings;

import java.time.Duration;

/**
 * How a server exchanges KV blocks with others.
 *
 * @param connector by which protocol
 * @param role what it does for others
 * @param isFailing whether a request fails whose blocks cannot be had; else its prompt is computed
 *     here, as with vLLM's {@code kv_load_failure_policy}
 * @param host by which others reach this server
 * @param longestWait for blocks of another server
 */
public record KvTransfer(
    Connector connector, Role role, boolean isFailing, String host, Duration longestWait) {

  /** A protocol. */
  public enum Connector {
    /** The prefill server's answer names its blocks, and the decode server fetches them. */
    NIXL,
    /** Both servers get a transfer id, and the decode server asks the other's bootstrap port. */
    MOONCAKE,
    /** Both servers get an id, and the decode server asks the other's P2P port. */
    OFFLOADING,
    /** Both servers get the same body, and meet in a room of the prefill server. */
    SGLANG
  }

  /** What a server does. */
  public enum Role {
    /** Computes prompts for others. */
    PRODUCER,
    /** Answers with prompts of others. */
    CONSUMER,
    /** Both. */
    BOTH
  }

  /** Whether blocks may be had from it. */
  public boolean isProducer() {
    return role != Role.CONSUMER;
  }

  /** Whether it may have blocks from others. */
  public boolean isConsumer() {
    return role != Role.PRODUCER;
  }
}
