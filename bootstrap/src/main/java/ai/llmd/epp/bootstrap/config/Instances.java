package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The plugin instances of one configuration, in the order in which they were built. One thread. */
final class Instances {

  static final String DECLARED = "declared";
  static final String BY_DEFAULT = "added by default";

  /** A plugin with where it was declared. */
  record Instance(BuiltPlugin built, Spot spot) {

    String name() {
      return built.name();
    }

    PluginType<?> type() {
      return built.type();
    }

    Plugin plugin() {
      return built.plugin();
    }

    <P> Named<P> as(Class<P> kind) {
      return built.as(kind);
    }
  }

  private final PluginRegistry registry;
  private final PluginServices services;
  private final Problems problems;
  private final Survivors survivors;
  private final List<BuiltPlugin> fresh = new ArrayList<>();
  private final Map<String, Instance> byName = new LinkedHashMap<>();

  /** Names that were declared but could not be built; whoever refers to them is not to blame. */
  private final Set<String> broken = new HashSet<>();

  Instances(PluginRegistry registry, PluginServices services, Problems problems) {
    this(registry, services, problems, Survivors.NONE);
  }

  /**
   * @param survivors instances to keep instead of building the like
   */
  Instances(
      PluginRegistry registry, PluginServices services, Problems problems, Survivors survivors) {
    this.survivors = survivors;
    this.registry = registry;
    this.services = services;
    this.problems = problems;
  }

  /** Builds a declared instance; a failure is reported at the type's place. */
  void create(String name, Text typeName, Value parameters) {
    create(name, typeName, parameters, DECLARED);
  }

  private void create(String name, Text typeName, Value parameters, String origin) {
    Optional<PluginType<?>> type = registry.find(typeName.value());
    if (type.isEmpty()) {
      problems.add(typeName.spot(), unknownType(typeName.value()));
      broken.add(name);
      return;
    }
    BuiltPlugin built = build(name, type.get(), parameters, typeName.spot());
    if (built == null) {
      broken.add(name);
    } else {
      byName.put(name, new Instance(built.because(origin), typeName.spot()));
    }
  }

  /** Builds an instance that nobody declared: named like its type, without parameters. */
  void inject(String type, Spot cause) {
    inject(type, cause, BY_DEFAULT);
  }

  /**
   * Builds an instance that nobody declared: named like its type, without parameters.
   *
   * @param origin why it is there
   */
  void inject(String type, Spot cause, String origin) {
    create(type, new Text(type, cause), Value.absent(cause), origin);
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

  private @Nullable BuiltPlugin build(
      String name, PluginType<?> type, Value parameters, Spot spot) {
    int before = problems.count();
    Record bound = parametersOf(type, parameters);
    if (bound == null || problems.count() > before) {
      return null;
    }
    Optional<BuiltPlugin> kept = survivors.find(name, type, bound, this::pluginOf);
    return kept.isPresent() ? kept.get() : buildAnew(name, type, bound, spot);
  }

  private @Nullable BuiltPlugin buildAnew(
      String name, PluginType<?> type, Record parameters, Spot spot) {
    Context context = new Context(name);
    try {
      Plugin plugin = type.create(parameters, context);
      BuiltPlugin built =
          new BuiltPlugin(name, type, parameters, plugin, DECLARED, context.lookups);
      fresh.add(built);
      return built;
    } catch (RuntimeException e) { // a stranger's constructor may throw anything
      problems.add(spot, "plugin \"" + name + "\" could not be built: " + e.getMessage());
      return null;
    }
  }

  private <P extends Record> @Nullable Record parametersOf(PluginType<P> type, Value parameters) {
    P defaults = type.defaults();
    if (defaults instanceof NoParameters) {
      return defaults; // whatever is configured is ignored, as upstream
    }
    @SuppressWarnings("unchecked") // the class of a P
    Class<P> schema = (Class<P>) defaults.getClass();
    return new ParameterBinder(false, problems).bind(parameters, schema, defaults);
  }

  private Optional<Plugin> pluginOf(String name) {
    return get(name).map(Instance::plugin);
  }

  /** Closes what was built here; what was kept is in use. */
  void discard() {
    fresh.reversed().forEach(BuiltPlugin::close);
  }

  /** Everything there is, in the order in which it was built. */
  List<BuiltPlugin> built() {
    return byName.values().stream().map(Instance::built).toList();
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
    private final Map<String, Optional<Plugin>> lookups = new LinkedHashMap<>();

    Context(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Optional<Plugin> plugin(String other) {
      Optional<Plugin> found = pluginOf(other);
      lookups.put(other, found);
      return found;
    }

    @Override
    public <T> T service(Class<T> type) {
      return services.get(type);
    }
  }
}
