package ai.llmd.epp.domain.catalogue;

import java.util.List;
import java.util.Optional;

/** What a plugin may use while it is being built. */
public interface PluginContext {

  /** The instance's name in the configuration. */
  String name();

  /** An instance that was built before this one. */
  Optional<Plugin> plugin(String name);

  /**
   * Every other instance that is declared, in the order in which they were built, with its reported
   * type; none when the context does not know.
   */
  default List<Named<Plugin>> plugins() {
    return List.of();
  }

  /**
   * Every other instance of one reported type that is declared, in the order in which they were
   * built. Who asks for these only is kept on a reload as long as they are the same ones.
   */
  default List<Named<Plugin>> pluginsOf(String type) {
    return plugins().stream().filter(plugin -> plugin.type().equals(type)).toList();
  }

  /**
   * A part of the program that plugins of its module build on, such as the shared state.
   *
   * @throws IllegalStateException when the program has no such part
   */
  <T> T service(Class<T> type);
}
