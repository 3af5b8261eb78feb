package ai.llmd.epp.application.port.out;

/** Where the shared state lives beside this process, and how much of it there is. Any thread. */
public interface StateStore extends AutoCloseable {

  /** As in configuration and metrics: {@code memory} … */
  String name();

  /** A sentence for the operator. */
  String status();

  /** How much is remembered now; cheap enough for every metrics scrape. */
  Figures figures();

  @Override
  void close();

  /**
   * How much is remembered.
   *
   * @param prefixBlocks distinct prefix blocks, over all producers
   * @param prefixBytes memory that they take, in bytes
   * @param sessions sessions bound to an endpoint, over all plugins
   */
  record Figures(long prefixBlocks, long prefixBytes, long sessions) {}
}
