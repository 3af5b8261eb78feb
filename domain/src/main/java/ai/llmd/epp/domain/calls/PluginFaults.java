package ai.llmd.epp.domain.calls;

/**
 * Receives what plugins threw where the program goes on without them, to log and to count it. Any
 * thread; never blocks, never throws.
 */
@FunctionalInterface
public interface PluginFaults {

  /** Neither logs nor counts; for tests. */
  PluginFaults IGNORED = (extensionPoint, name, type, cause) -> {};

  /**
   * A plugin threw.
   *
   * @param extensionPoint as in metrics: {@code DataProducer}, {@code ResponseReceived} …
   * @param name instance name of the plugin
   * @param type reported type of the plugin
   * @param cause what it threw; an error comes wrapped
   */
  void failed(String extensionPoint, String name, String type, RuntimeException cause);
}
