package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The plugin instances of one configuration, in the order in which they were built. One thread. */
final class Instances {

  /** A plugin with where it was declared. */
  record Instance(String name, PluginType<?> type, Plugin plugin, Spot spot) {

    <P> Named<P> as(Class<P> kind) {
      return new Named<>(name, type.reportedAs(), kind.cast(plugin));
    }
  }

  private final PluginRegistry registry;
  private final PluginServices services;
  private final Problems problems;
  private final Map<String, Instance> byName = new LinkedHashMap<>();

  /** Names that were declared but could not be built; whoever refers to them is not to blame. */
  private final Set<String> broken = new HashSet<>();

  Instances(PluginRegistry registry, PluginServices services, Problems problems) {
    this.registry = registry;
    this.services = services;
    this.problems = problems;
  }

  /** Builds an instance; a failure is reported at the type's place. */
  void create(String name, Text typeName, Value parameters) {
    Optional<PluginType<?>> type = registry.find(typeName.value());
    if (type.isEmpty()) {
      problems.add(typeName.spot(), unknownType(typeName.value()));
      broken.add(name);
      return;
    }
    Plugin plugin = build(name, type.get(), parameters, typeName.spot());
    if (plugin == null) {
      broken.add(name);
    } else {
      byName.put(name, new Instance(name, type.get(), plugin, typeName.spot()));
    }
  }

  /** Builds an instance that nobody declared: named like its type, without parameters. */
  void inject(String type, Spot cause) {
    create(type, new Text(type, cause), Value.absent(cause));
  }

  /** Notes that a declared name stands for nothing, which has been reported. */
  void markBroken(String name) {
    broken.add(name);
  }

  private String unknownType(String type) {
    return UpstreamTypes.ALL.contains(type)
        ? "plugin type \"" + type + "\" of llm-d-router is not available in this version"
        : "unknown plugin type \"" + type + "\"; " + Names.suggestion(type, registry.names());
  }

  private @Nullable Plugin build(String name, PluginType<?> type, Value parameters, Spot spot) {
    int before = problems.count();
    Record bound = parametersOf(type, parameters);
    if (bound == null || problems.count() > before) {
      return null;
    }
    try {
      Plugin plugin =
          Objects.requireNonNull(type.create(bound, new Context(name)), "its factory made nothing");
      checkKeys(plugin);
      return plugin;
    } catch (Throwable thrown) { // a stranger's code may throw anything
      String cause = Breakage.sentence(thrown);
      problems.add(spot, "plugin \"" + name + "\" could not be built: " + cause);
      return null;
    }
  }

  /** Asked once here, where a failure has a name and a place. */
  private static void checkKeys(Plugin plugin) {
    Objects.requireNonNull(plugin.requires(), "requires() says nothing");
    Objects.requireNonNull(plugin.uses(), "uses() says nothing");
    Objects.requireNonNull(plugin.produces(), "produces() says nothing");
  }

  private <P extends Record> @Nullable Record parametersOf(PluginType<P> type, Value parameters) {
    P defaults = type.defaults();
    if (defaults instanceof NoParameters) {
      return defaults; // whatever is configured is ignored, as upstream
    }
    @SuppressWarnings("unchecked") // the class of a P
    Class<P> schema = (Class<P>) defaults.getClass();
    try {
      return new ParameterBinder(false, problems).bind(parameters, schema, defaults);
    } catch (LinkageError e) { // the record needs a class that is not there
      problems.add(parameters.spot(), Breakage.sentence(e));
      return null;
    }
  }

  boolean has(String name) {
    return byName.containsKey(name) || broken.contains(name);
  }

  Optional<Instance> get(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  Collection<Instance> all() {
    return byName.values();
  }

  /** All instances of a kind, in order. */
  <P> List<Named<P>> all(Class<P> kind) {
    return byName.values().stream()
        .filter(instance -> kind.isInstance(instance.plugin()))
        .map(instance -> instance.as(kind))
        .toList();
  }

  /** The instance that is referred to, or null after the mistake has been reported. */
  @Nullable Instance refer(Text reference) {
    if (reference.isEmpty()) {
      problems.add(reference.spot(), "is missing");
      return null;
    }
    Instance instance = byName.get(reference.value());
    if (instance == null && !broken.contains(reference.value())) {
      problems.add(
          reference.spot(),
          "no plugin \""
              + reference
              + "\"; "
              + Names.suggestion(reference.value(), byName.keySet()));
    }
    return instance;
  }

  /**
   * The instance that is referred to as this kind, or null after the mistake has been reported.
   *
   * @param kindName with its article, as in "a data source"
   */
  <P> @Nullable Named<P> refer(Text reference, Class<P> kind, String kindName) {
    Instance instance = refer(reference);
    if (instance == null) {
      return null;
    }
    if (!kind.isInstance(instance.plugin())) {
      problems.add(
          reference.spot(),
          "plugin \"%s\" of type %s is not %s"
              .formatted(reference, instance.type().name(), kindName));
      return null;
    }
    return instance.as(kind);
  }

  /** What a plugin sees while it is built. */
  private final class Context implements PluginContext {

    private final String name;

    Context(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Optional<Plugin> plugin(String other) {
      return get(other).map(Instance::plugin);
    }

    @Override
    public <T> T service(Class<T> type) {
      return services.get(type);
    }
  }
}
