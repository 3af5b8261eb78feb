package ai.llmd.epp.bootstrap;

import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import java.util.ArrayList;
import java.util.List;

/**
 * Plugins that the configuration in force does not have any more, but streams that began earlier
 * may use. They follow the pool until the last such stream is over, and are closed then. The caller
 * sees to it that one thread at a time is here.
 */
final class RetiredPlugins {

  private final List<Generation> generations = new ArrayList<>();
  private final List<BuiltPlugin> plugins = new ArrayList<>();

  /**
   * A configuration is being replaced.
   *
   * @param dropped plugins that its successor does not have
   */
  void retire(Generation generation, List<BuiltPlugin> dropped) {
    generations.add(generation);
    plugins.addAll(dropped);
  }

  /** The plugins that still follow the pool. */
  List<PoolObserver> observers() {
    return BuiltPlugin.ofKind(PoolObserver.class, plugins);
  }

  /** Lets go of the plugins that no stream uses any more, and returns them to be closed. */
  List<BuiltPlugin> unused() {
    generations.removeIf(generation -> generation.loans().isDrained());
    List<BuiltPlugin> unused = new ArrayList<>();
    List<BuiltPlugin> used = new ArrayList<>();
    for (BuiltPlugin built : plugins) {
      boolean isUsed = generations.stream().anyMatch(one -> one.uses(built.plugin()));
      (isUsed ? used : unused).add(built);
    }
    plugins.clear();
    plugins.addAll(used);
    return unused;
  }

  /** Closes everything; no stream is open any more. */
  void close() {
    plugins.forEach(BuiltPlugin::close);
    plugins.clear();
    generations.clear();
  }
}
