package ai.llmd.epp.configuration;

import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.configuration.plugin.ParameterRefusal;
import ai.llmd.epp.configuration.plugin.PluginKind;
import ai.llmd.epp.configuration.plugin.PluginLinkageErrors;
import ai.llmd.epp.configuration.plugin.PluginRegistry;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.configuration.plugin.ReusablePlugins;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Outdated;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Referring;
import ai.llmd.epp.domain.catalogue.Referring.Reference;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.NearestName;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.RecordBinder;
import ai.llmd.epp.yaml.SourceLocation;
import ai.llmd.epp.yaml.Value;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The plugin instances of one configuration, in the order in which they were built. One thread. */
final class Instances {

  static final String DECLARED = "declared";
  static final String BY_DEFAULT = "added by default";

  /** A plugin with where it was declared. */
  record Instance(BuiltPlugin built, SourceLocation spot) {

    String name() {
      return built.name();
    }

    PluginType<?> type() {
      return built.type();
    }

    Plugin plugin() {
      return built.plugin();
    }

    <P extends Plugin> Named<P> as(PluginKind<P> kind) {
      return built.as(kind.contract());
    }
  }

  /**
   * A plugin that is still to be built, with its parameters as read and as written.
   *
   * @param origin why it is there
   */
  private record Declared(
      String name,
      PluginType<?> type,
      Record parameters,
      Value written,
      SourceLocation spot,
      String origin) {}

  private final PluginRegistry registry;
  private final PluginServices services;
  private final Problems problems;
  private final ReusablePlugins reusable;
  private final List<BuiltPlugin> fresh = new ArrayList<>();
  private final Map<String, Instance> byName = new LinkedHashMap<>();
  private final Map<String, Declared> declared = new LinkedHashMap<>();
  private final List<String> warnings = new ArrayList<>();

  /**
   * NearestName that were declared but could not be built; whoever refers to them is not to blame.
   */
  private final Set<String> broken = new LinkedHashSet<>();

  Instances(PluginRegistry registry, PluginServices services, Problems problems) {
    this(registry, services, problems, ReusablePlugins.NONE);
  }

  /**
   * @param reusable instances to keep instead of building the like
   */
  Instances(
      PluginRegistry registry,
      PluginServices services,
      Problems problems,
      ReusablePlugins reusable) {
    this.reusable = reusable;
    this.registry = registry;
    this.services = services;
    this.problems = problems;
  }

  /** Reads what {@link #buildDeclared} shall build; a mistake is reported where it stands. */
  void declare(String name, LocatedText typeName, Value parameters) {
    declare(name, typeName, parameters, DECLARED);
  }

  private void declare(String name, LocatedText typeName, Value parameters, String origin) {
    Optional<PluginType<?>> type = registry.find(typeName.value());
    if (type.isEmpty()) {
      problems.add(typeName.spot(), unknownType(typeName.value()));
      broken.add(name);
      return;
    }
    int before = problems.count();
    Record bound = parametersOf(type.get(), parameters);
    if (bound == null || problems.count() > before) {
      broken.add(name);
    } else {
      declared.put(
          name, new Declared(name, type.get(), bound, parameters, typeName.spot(), origin));
    }
  }

  /** Builds what was declared, in that order save that what others refer to comes first. */
  void buildDeclared() {
    for (String name : List.copyOf(declared.keySet())) {
      buildDeclared(name, new LinkedHashSet<>());
    }
  }

  /** Builds an instance and what it refers to; a failure is reported at the type's place. */
  void create(String name, LocatedText typeName, Value parameters) {
    create(name, typeName, parameters, DECLARED);
  }

  private void create(String name, LocatedText typeName, Value parameters, String origin) {
    declare(name, typeName, parameters, origin);
    buildDeclared(name, new LinkedHashSet<>());
  }

  /**
   * @param path who refers to whom on the way to this name
   */
  private void buildDeclared(String name, Set<String> path) {
    Declared next = declared.remove(name);
    if (next == null) {
      return; // built already because of a reference, or not declared at all
    }
    path.add(name);
    boolean isSound = true;
    if (next.parameters() instanceof Referring referring) {
      for (Reference reference : referring.references()) {
        isSound &= resolve(next, reference, path);
      }
    }
    path.remove(name);
    BuiltPlugin built = isSound ? build(next) : null;
    if (built == null) {
      broken.add(name);
      return;
    }
    byName.put(name, new Instance(built.because(next.origin()), next.spot()));
    if (next.parameters() instanceof Outdated outdated) {
      outdated.deprecations().forEach(hint -> warnings.add("plugin \"" + name + "\": " + hint));
    }
  }

  /** Whether the instance that is referred to has been built; if not, that has been reported. */
  private boolean resolve(Declared referrer, Reference reference, Set<String> path) {
    LocatedText name =
        new LocatedText(reference.name(), referrer.written().spotOf(reference.field()));
    if (path.contains(reference.name())) {
      List<String> circle = new ArrayList<>(path);
      circle.add(reference.name());
      problems.add(
          name.spot(),
          "plugins refer to each other in a circle: "
              + String.join(
                  " → ", circle.subList(circle.indexOf(reference.name()), circle.size())));
      return false;
    }
    buildDeclared(reference.name(), path);
    return refer(name, reference.kind(), reference.kindName()) != null;
  }

  /** Builds an instance that is not declared: named like its type, without parameters. */
  void inject(String type, SourceLocation cause) {
    inject(type, cause, BY_DEFAULT);
  }

  /**
   * Builds an instance that is not declared: named like its type, without parameters.
   *
   * @param origin why it is there
   */
  void inject(String type, SourceLocation cause, String origin) {
    create(type, new LocatedText(type, cause), Value.absent(cause), origin);
  }

  /** Notes that a declared name stands for nothing, which has been reported. */
  void markBroken(String name) {
    broken.add(name);
  }

  /** Whether something that was declared could not be built, which has been reported. */
  boolean hasBroken() {
    return !broken.isEmpty();
  }

  private String unknownType(String type) {
    return "unknown plugin type \""
        + type
        + "\"; "
        + NearestName.suggestion(type, registry.names());
  }

  /** A kept instance if there is one that would be built alike, else a new one. */
  private @Nullable BuiltPlugin build(Declared declaration) {
    Optional<BuiltPlugin> kept =
        reusable.find(
            declaration.name(),
            declaration.type(),
            declaration.parameters(),
            this::pluginOf,
            type -> pluginsOf(type).stream().map(Named::plugin).toList());
    return kept.isPresent() ? kept.get() : buildAnew(declaration);
  }

  private @Nullable BuiltPlugin buildAnew(Declared declaration) {
    String name = declaration.name();
    Context context = new Context(name);
    try {
      Plugin plugin =
          Objects.requireNonNull(
              declaration.type().create(declaration.parameters(), context),
              "its factory made nothing");
      checkKeys(plugin);
      BuiltPlugin built =
          new BuiltPlugin(
              name,
              declaration.type(),
              declaration.parameters(),
              plugin,
              declaration.origin(),
              context.lookups,
              context.typeLookups,
              context.sawAll);
      fresh.add(built);
      return built;
    } catch (Throwable thrown) { // a stranger's code may throw anything
      String cause = PluginLinkageErrors.sentence(thrown);
      problems.add(declaration.spot(), "plugin \"" + name + "\" could not be built: " + cause);
      return null;
    }
  }

  /** Asked once here, where a failure has a name and a place. */
  private static void checkKeys(Plugin plugin) {
    Objects.requireNonNull(plugin.requires(), "requires() returned null");
    Objects.requireNonNull(plugin.uses(), "uses() returned null");
    Objects.requireNonNull(plugin.produces(), "produces() returned null");
  }

  private <P extends Record> @Nullable Record parametersOf(PluginType<P> type, Value parameters) {
    P defaults = type.defaults();
    if (defaults instanceof NoParameters) {
      return defaults; // whatever is configured is ignored, as upstream
    }
    @SuppressWarnings("unchecked") // the class of a P
    Class<P> schema = (Class<P>) defaults.getClass();
    try {
      return new RecordBinder(false, problems, ParameterRefusal::of)
          .bind(parameters, schema, defaults);
    } catch (LinkageError e) { // the record needs a class that is not there
      problems.add(parameters.spot(), PluginLinkageErrors.sentence(e));
      return null;
    }
  }

  private Optional<Plugin> pluginOf(String name) {
    return get(name).map(Instance::plugin);
  }

  /** All of one reported type, wherever they stand. */
  private List<Named<Plugin>> pluginsOf(String type) {
    buildDeclared();
    return all(Plugin.class).stream().filter(plugin -> plugin.type().equals(type)).toList();
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

  /** What operators should know about the parameters that were given. */
  List<String> warnings() {
    return warnings;
  }

  /** All instances of a kind, in order. */
  <P extends Plugin> List<Named<P>> all(PluginKind<P> kind) {
    return all(kind.contract());
  }

  /** All instances that implement a contract, in order. */
  <P> List<Named<P>> all(Class<P> kind) {
    return byName.values().stream()
        .filter(instance -> kind.isInstance(instance.plugin()))
        .map(instance -> instance.built().as(kind))
        .toList();
  }

  /** The instance that is referred to, or null after the mistake has been reported. */
  @Nullable Instance refer(LocatedText reference) {
    return refer(reference, Plugin.class);
  }

  /** The instance that is referred to as this kind, or null after the mistake has been reported. */
  <P extends Plugin> @Nullable Named<P> refer(LocatedText reference, PluginKind<P> kind) {
    return refer(reference, kind.contract(), kind.phrase());
  }

  /**
   * The instance that is referred to as this kind, or null after the mistake has been reported.
   *
   * @param kindName with its article, as in "a data source"
   */
  <P> @Nullable Named<P> refer(LocatedText reference, Class<P> kind, String kindName) {
    Instance instance = refer(reference, kind);
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
    return instance.built().as(kind);
  }

  /** The instance of whatever kind; an unknown name is taken for one of this kind. */
  private @Nullable Instance refer(LocatedText reference, Class<?> kind) {
    if (reference.isEmpty()) {
      problems.add(reference.spot(), "is missing");
      return null;
    }
    Instance instance = byName.get(reference.value());
    if (instance == null && !broken.contains(reference.value())) {
      problems.add(reference.spot(), "no plugin \"" + reference + "\"; " + advice(reference, kind));
    }
    return instance;
  }

  private String advice(LocatedText reference, Class<?> kind) {
    if (registry.find(reference.value()).isPresent()) {
      return "declare one of that type in plugins";
    }
    List<String> known = new ArrayList<>(all(kind).stream().map(Named::name).toList());
    known.addAll(declared.keySet()); // of which kind they will be is not known yet
    known.addAll(broken);
    return NearestName.suggestion(reference.value(), known);
  }

  /** What a plugin sees while it is built. */
  private final class Context implements PluginContext {

    private final String name;
    private final Map<String, Optional<Plugin>> lookups = new LinkedHashMap<>();
    private final Map<String, List<Plugin>> typeLookups = new LinkedHashMap<>();
    private boolean sawAll;

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
    public List<Named<Plugin>> plugins() {
      sawAll = true;
      buildDeclared(); // wherever they stand
      return all(Plugin.class);
    }

    @Override
    public List<Named<Plugin>> pluginsOf(String type) {
      List<Named<Plugin>> found = Instances.this.pluginsOf(type);
      typeLookups.put(type, found.stream().map(Named::plugin).toList());
      return found;
    }

    @Override
    public <T> T service(Class<T> type) {
      return services.get(type);
    }
  }
}
