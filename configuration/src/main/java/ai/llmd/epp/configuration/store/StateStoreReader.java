package ai.llmd.epp.configuration.store;

import ai.llmd.epp.application.port.out.HashSecret;
import ai.llmd.epp.application.port.out.MissingFieldException;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.application.port.out.SecretSource;
import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.configuration.plugin.ParameterRefusal;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginContext;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.Amount;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.RecordBinder;
import ai.llmd.epp.yaml.RecordBinder.Refusal;
import ai.llmd.epp.yaml.Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes settings of what is written about the state store, and reports what is wrong with it. */
public final class StateStoreReader {

  private static final String MEMORY = "memory";

  /** Stores are built upon their parameters alone. */
  private static final PluginContext NOTHING =
      new PluginContext() {
        @Override
        public String name() {
          return "stateStore";
        }

        @Override
        public Optional<Plugin> plugin(String name) {
          return Optional.empty();
        }

        @Override
        public <T> T service(Class<T> type) {
          throw new IllegalStateException("stores have no " + type.getSimpleName());
        }
      };

  private final StateStoreTypes types = new StateStoreTypes();
  private final Value written;
  private final Problems problems;
  private final List<String> warnings;
  private final RecordBinder binder;
  private final StateStoreSection section;

  /**
   * @param written the part {@code stateStore}; may be absent
   */
  public StateStoreReader(Value written, Problems problems, List<String> warnings) {
    this.written = written;
    this.problems = problems;
    this.warnings = warnings;
    this.binder = new RecordBinder(true, problems, ParameterRefusal::of);
    this.section =
        Objects.requireNonNull(binder.bind(written, StateStoreSection.class, null, types.names()));
  }

  /** The settings; defaults in the place of what is wrong. */
  public StateStoreSettings read() {
    Chosen chosen = chosen();
    checkUnused();
    SecretSource secret =
        this.<@Nullable SecretSource>orReport(
            written,
            null,
            () -> SecretSource.of("hashSecret", section.hashSecretFile(), section.hashSecretEnv()));
    return new StateStoreSettings(
        budget(), replication(secret), secret, chosen.type(), chosen.parameters(), chosen.store());
  }

  private Chosen chosen() {
    LocatedText name = section.type().or(MEMORY);
    Optional<PluginType<?>> type = types.find(name.value());
    if (type.isEmpty()) {
      problems.add(name.spot(), "must be " + choices() + ", was \"" + name + '"');
      return memory();
    }
    Value given = written.field(name.value());
    Record parameters = parameters(type.get(), given);
    try {
      return parameters == null ? memory() : new Chosen(type.get(), parameters);
    } catch (IllegalArgumentException e) {
      if (given.isNothing()) {
        problems.add(name.spot(), ParameterRefusal.of(e).message());
      } else {
        report(e, given);
      }
      return memory();
    }
  }

  /** What is configured for another store has to be right, too, and is ignored otherwise. */
  private void checkUnused() {
    String used = section.type().or(MEMORY).value();
    for (String name : types.names()) {
      Value given = written.field(name);
      boolean isUsed = name.equals(used) || name.equals(MEMORY); // whose budgets always count
      if (!isUsed && !given.isNothing()) {
        checkUnused(types.find(name).orElseThrow(), given);
        warnings.add("stateStore." + name + " is ignored while stateStore.type is " + used);
      }
    }
  }

  private void checkUnused(PluginType<?> type, Value given) {
    Record parameters = parameters(type, given);
    if (parameters == null) {
      return;
    }
    try {
      var _ = new Chosen(type, parameters);
    } catch (MissingFieldException e) {
      // only a store in use needs it
    } catch (IllegalArgumentException e) {
      report(e, given);
    }
  }

  /** The parameters, or null after the mistake has been reported. */
  private <P extends Record> @Nullable P parameters(PluginType<P> type, Value given) {
    P defaults = type.defaults();
    if (type.name().equals(MEMORY)) {
      return defaults; // what is written there is part of the section
    }
    @SuppressWarnings("unchecked") // the class of a P
    Class<P> schema = (Class<P>) defaults.getClass();
    return binder.bind(given, schema, defaults);
  }

  private Chosen memory() {
    PluginType<?> type = types.find(MEMORY).orElseThrow();
    return new Chosen(type, type.defaults());
  }

  /** As in {@code "a", "b" or "c"}. */
  private String choices() {
    List<String> names = types.names().stream().map(name -> '"' + name + '"').toList();
    int last = names.size() - 1;
    return last == 0
        ? names.getFirst()
        : String.join(", ", names.subList(0, last)) + " or " + names.get(last);
  }

  private SharedState.Budget budget() {
    SharedState.Budget defaults = SharedState.Budget.ofHeap(Runtime.getRuntime().maxMemory());
    StateStoreSection.Memory memory = section.memory();
    if (memory == null) {
      return defaults;
    }
    Amount bytes = memory.prefixIndexMaxBytes();
    return orReport(
        written.field(MEMORY),
        defaults,
        () ->
            new SharedState.Budget(
                bytes == null ? defaults.prefixIndexBytes() : bytes.value(),
                or(memory.maxSessions(), defaults.sessions())));
  }

  private ReplicationSettings replication(@Nullable SecretSource secret) {
    ReplicationSettings defaults = ReplicationSettings.DEFAULT;
    Amount backlog = section.backlogMaxBytes();
    HashSecret key = secret == null ? null : hashSecret(secret);
    return orReport(
        written,
        defaults,
        () ->
            new ReplicationSettings(
                or(section.flushInterval(), defaults.flushInterval()),
                or(section.lease(), defaults.lease()),
                or(section.warmUpTimeout(), defaults.warmUpTimeout()),
                backlog == null ? defaults.backlogBytes() : backlog.value(),
                or(section.retention(), defaults.retention()),
                key));
  }

  private @Nullable HashSecret hashSecret(SecretSource source) {
    try {
      return new HashSecret(source.read().getBytes(StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      problems.add(
          written.spotOf(source.file() == null ? "hashSecretEnv" : "hashSecretFile"),
          String.valueOf(e.getMessage()));
      return null;
    }
  }

  private <T extends @Nullable Object> T orReport(Value place, T fallback, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      report(e, place);
      return fallback;
    }
  }

  private void report(IllegalArgumentException e, Value place) {
    Refusal refusal = ParameterRefusal.of(e);
    problems.add(refusal.placeIn(place), refusal.message());
  }

  private static <T> T or(@Nullable T value, T defaultValue) {
    return Objects.requireNonNullElse(value, defaultValue);
  }

  /** A store that its parameters do not refuse. */
  private record Chosen(String type, Record parameters, StateStore store) {

    Chosen(PluginType<?> type, Record parameters) {
      this(type.name(), parameters, (StateStore) type.create(parameters, NOTHING));
    }
  }
}
