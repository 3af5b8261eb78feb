package ai.llmd.epp.simulator.transfer;

/** What a request has the server do about KV blocks. */
public sealed interface Assignment {

  /** Neither gives nor takes blocks. */
  record None() implements Assignment {}

  /**
   * Computes the prompt and keeps its blocks until they are fetched.
   *
   * @param key under which they are kept; empty for one of the server's own
   */
  record Produce(String key) implements Assignment {}

  /**
   * Has the blocks from another server.
   *
   * @param server {@code host:port}
   * @param key under which that server keeps them
   * @param engineId of that server; empty when the request does not name one
   * @param blocks how many there are; -1 when the request does not tell
   */
  record Consume(String server, String key, String engineId, int blocks) implements Assignment {}
}
