package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/** Every plugin type of every catalogue, by name. Immutable. */
public final class PluginRegistry {

  private final Map<String, PluginType<?>> byName;
  private final Map<String, PluginType<?>> byProducedKey;

  private PluginRegistry(
      Map<String, PluginType<?>> byName, Map<String, PluginType<?>> byProducedKey) {
    this.byName = byName;
    this.byProducedKey = byProducedKey;
  }

  /**
   * The catalogues on the class path.
   *
   * @throws IllegalStateException when a name is listed twice
   */
  public static PluginRegistry discover() {
    List<PluginCatalogue> catalogues = new ArrayList<>();
    ServiceLoader.load(PluginCatalogue.class).forEach(catalogues::add);
    return of(catalogues);
  }

  /**
   * These catalogues.
   *
   * @throws IllegalStateException when a name is listed twice, or two types claim to be the default
   *     producer of one key
   */
  public static PluginRegistry of(List<PluginCatalogue> catalogues) {
    Map<String, PluginType<?>> byName = new LinkedHashMap<>();
    Map<String, PluginType<?>> byKey = new LinkedHashMap<>();
    for (PluginCatalogue catalogue : catalogues) {
      for (PluginType<?> type : catalogue.types()) {
        if (byName.putIfAbsent(type.name(), type) != null) {
          throw new IllegalStateException(
              "plugin type \"%s\" is listed twice, the second time by %s"
                  .formatted(type.name(), catalogue.getClass().getName()));
        }
        String key = type.defaultProducerOf();
        if (key != null && byKey.putIfAbsent(key, type) != null) {
          throw new IllegalStateException("two plugin types produce " + key + " by default");
        }
      }
    }
    return new PluginRegistry(byName, byKey);
  }

  public Optional<PluginType<?>> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The type that is created when a data key ({@code dataType/producer}) has no producer. */
  Optional<PluginType<?>> defaultProducerOf(String dataKey) {
    return Optional.ofNullable(byProducedKey.get(dataKey));
  }

  /** All names, in the order of the catalogues. */
  public Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }
}
