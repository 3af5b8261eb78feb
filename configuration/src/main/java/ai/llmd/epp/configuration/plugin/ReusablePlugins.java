package ai.llmd.epp.configuration.plugin;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The plugins in force that the next configuration may keep, and with them what they have learned.
 *
 * <p>One is kept when it would be built alike: under the same name, of the same type, with equal
 * parameters, and upon the same instances of whatever it asked for when it was built.
 */
public final class ReusablePlugins {

  /** Nothing is in force yet. */
  public static final ReusablePlugins NONE = new ReusablePlugins(List.of());

  private final Map<String, BuiltPlugin> byName;

  public ReusablePlugins(List<BuiltPlugin> inForce) {
    byName = inForce.stream().collect(Collectors.toMap(BuiltPlugin::name, built -> built));
  }

  /**
   * The instance to keep.
   *
   * @param lookup what a plugin would be given that asks for a name now
   * @param typeLookup what one would be given that asks for a type
   */
  @SuppressWarnings("ReferenceEquality") // a type is one object; a plugin jar may have its like
  public Optional<BuiltPlugin> find(
      String name,
      PluginType<?> type,
      Record parameters,
      Function<String, Optional<Plugin>> lookup,
      Function<String, List<Plugin>> typeLookup) {
    return Optional.ofNullable(byName.get(name))
        .filter(built -> built.type() == type && built.parameters().equals(parameters))
        .filter(built -> !built.sawAll()) // there may be one more now
        .filter(built -> standsOnTheSame(built, lookup))
        .filter(built -> sawTheSame(built, typeLookup));
  }

  @SuppressWarnings("ReferenceEquality") // instances, with what they have learned
  private static boolean standsOnTheSame(
      BuiltPlugin built, Function<String, Optional<Plugin>> lookup) {
    return built.lookups().entrySet().stream()
        .allMatch(
            given -> {
              Plugin before = given.getValue().orElse(null);
              Plugin now = lookup.apply(given.getKey()).orElse(null);
              return before == now;
            });
  }

  private static boolean sawTheSame(BuiltPlugin built, Function<String, List<Plugin>> typeLookup) {
    return built.typeLookups().entrySet().stream()
        .allMatch(given -> isSame(given.getValue(), typeLookup.apply(given.getKey())));
  }

  @SuppressWarnings("ReferenceEquality") // instances, with what they have learned
  private static boolean isSame(List<Plugin> before, List<Plugin> now) {
    return before.size() == now.size()
        && IntStream.range(0, now.size()).allMatch(i -> before.get(i) == now.get(i));
  }
}
