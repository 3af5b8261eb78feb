package ai.llmd.epp.configuration.plugin;

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
    PluginRegistry registry = new PluginRegistry(Map.of(), Map.of());
    for (PluginCatalogue catalogue : catalogues) {
      registry = registry.with(catalogue.types());
    }
    return registry;
  }

  /**
   * These types as well.
   *
   * @throws IllegalStateException as {@link #of}
   */
  public PluginRegistry with(List<PluginType<?>> more) {
    Map<String, PluginType<?>> names = new LinkedHashMap<>(byName);
    Map<String, PluginType<?>> keys = new LinkedHashMap<>(byProducedKey);
    for (PluginType<?> type : more) {
      if (names.putIfAbsent(type.name(), type) != null) {
        throw new IllegalStateException("plugin type \"" + type.name() + "\" is listed twice");
      }
      String key = type.defaultProducerOf();
      if (key != null && keys.putIfAbsent(key, type) != null) {
        throw new IllegalStateException("two plugin types produce " + key + " by default");
      }
    }
    return new PluginRegistry(names, keys);
  }

  public Optional<PluginType<?>> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The type that is created when a data key ({@code dataType/producer}) has no producer. */
  public Optional<PluginType<?>> defaultProducerOf(String dataKey) {
    return Optional.ofNullable(byProducedKey.get(dataKey));
  }

  /** All names, in the order of the catalogues. */
  public Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }
}
