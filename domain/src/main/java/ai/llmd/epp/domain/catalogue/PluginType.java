package ai.llmd.epp.domain.catalogue;

import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One line of a catalogue: a name, its parameters with their defaults, and how to build an
 * instance.
 *
 * <p>The parameters record is the schema. Its compact constructor refuses bad values with an {@link
 * IllegalArgumentException} that names the field and what was expected.
 *
 * @param name the {@code type} that configuration uses
 * @param defaults parameters when the configuration gives none, and for each field that it omits
 * @param reportedAs type shown in metrics and logs; differs from the name for aliases
 * @param replacedBy the type to use instead, when this one is deprecated
 * @param defaultProducerOf data key ({@code dataType/producer}) for which an instance is created
 *     when no other plugin produces it
 */
public record PluginType<P extends Record>(
    String name,
    P defaults,
    BiFunction<P, PluginContext, ? extends Plugin> factory,
    Stability stability,
    String reportedAs,
    @Nullable String replacedBy,
    @Nullable String defaultProducerOf) {

  /** A type whose instances need to know only their parameters. */
  public static <P extends Record> PluginType<P> of(
      String name, P defaults, Function<P, ? extends Plugin> factory) {
    return withContext(name, defaults, (parameters, context) -> factory.apply(parameters));
  }

  /** A type whose instances need parts of the program. */
  public static <P extends Record> PluginType<P> withContext(
      String name, P defaults, BiFunction<P, PluginContext, ? extends Plugin> factory) {
    return new PluginType<>(name, defaults, factory, Stability.BETA, name, null, null);
  }

  /** A type without parameters. */
  public static PluginType<NoParameters> of(String name, Supplier<? extends Plugin> factory) {
    return of(name, new NoParameters(), ignored -> factory.get());
  }

  /** The same type, refused unless experimental plugins are allowed. */
  public PluginType<P> alpha() {
    return new PluginType<>(
        name, defaults, factory, Stability.ALPHA, reportedAs, replacedBy, defaultProducerOf);
  }

  /** The same type, created on demand for this data key. */
  public PluginType<P> producingByDefault(String dataKey) {
    return new PluginType<>(name, defaults, factory, stability, reportedAs, replacedBy, dataKey);
  }

  /** The same type, which another one has replaced. */
  public PluginType<P> deprecatedFor(String replacement) {
    return new PluginType<>(
        name, defaults, factory, stability, reportedAs, replacement, defaultProducerOf);
  }

  /** The same plugin under an old name. */
  public PluginType<P> deprecatedAlias(String oldName) {
    return new PluginType<>(oldName, defaults, factory, stability, reportedAs, name, null);
  }

  public Optional<String> replacement() {
    return Optional.ofNullable(replacedBy);
  }

  /** Builds an instance with parameters of this type's record. */
  public Plugin create(Record parameters, PluginContext context) {
    @SuppressWarnings("unchecked") // the binder fills the record class of the defaults
    P typed = (P) defaults.getClass().cast(parameters);
    return factory.apply(typed, context);
  }
}
