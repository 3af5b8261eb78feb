package ai.llmd.epp.configuration.store;

import ai.llmd.epp.application.port.out.StateStoreCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/** The kinds of stores on the class path, by name. Immutable. */
final class StateStoreTypes {

  private final Map<String, PluginType<?>> byName = new LinkedHashMap<>();

  /**
   * Looks into every catalogue.
   *
   * @throws IllegalStateException when a name is listed twice
   */
  StateStoreTypes() {
    for (StateStoreCatalogue catalogue : ServiceLoader.load(StateStoreCatalogue.class)) {
      for (PluginType<?> type : catalogue.types()) {
        if (byName.putIfAbsent(type.name(), type) != null) {
          throw new IllegalStateException("state store \"" + type.name() + "\" is listed twice");
        }
      }
    }
  }

  Optional<PluginType<?>> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** In the order of the catalogues. */
  Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }
}
