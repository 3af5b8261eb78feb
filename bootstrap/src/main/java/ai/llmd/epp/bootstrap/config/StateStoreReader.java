package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.adapter.state.SecretSource;
import ai.llmd.epp.adapter.state.hazelcast.HazelcastSettings;
import ai.llmd.epp.adapter.state.redis.RedisAddress;
import ai.llmd.epp.adapter.state.redis.RedisSettings;
import ai.llmd.epp.application.port.out.HashSecret;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.bootstrap.config.StateStoreSettings.Home;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.yaml.Amount;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes settings of what is written about the state store, and reports what is wrong with it. */
final class StateStoreReader {

  private static final Home MEMORY = new StateStoreSettings.Memory();

  private final Problems problems;
  private final List<String> warnings;

  StateStoreReader(Problems problems, List<String> warnings) {
    this.problems = problems;
    this.warnings = warnings;
  }

  /** The settings; defaults in the place of what is wrong. */
  StateStoreSettings read(@Nullable StateStoreSection section) {
    if (section == null) {
      return StateStoreSettings.DEFAULT;
    }
    warnOfUnused(section);
    SecretSource secret = secret("hashSecret", section.hashSecretFile(), section.hashSecretEnv());
    return new StateStoreSettings(
        budget(section.memory()), replication(section, secret), secret, home(section));
  }

  private void warnOfUnused(StateStoreSection section) {
    String type =
        section.type().isEmpty() ? StateStoreSettings.Memory.TYPE : section.type().value();
    if (section.redis() != null && !type.equals(StateStoreSettings.Redis.TYPE)) {
      warnings.add("stateStore.redis is ignored while stateStore.type is " + type);
    }
    if (section.hazelcast() != null && !type.equals(StateStoreSettings.Hazelcast.TYPE)) {
      warnings.add("stateStore.hazelcast is ignored while stateStore.type is " + type);
    }
  }

  private SharedState.Budget budget(StateStoreSection.@Nullable Memory memory) {
    SharedState.Budget defaults = SharedState.Budget.DEFAULT;
    if (memory == null) {
      return defaults;
    }
    Amount bytes = memory.prefixIndexMaxBytes();
    return orReport(
        memory.spot(),
        defaults,
        () ->
            new SharedState.Budget(
                bytes == null ? defaults.prefixIndexBytes() : bytes.value(),
                or(memory.maxSessions(), defaults.sessions())));
  }

  private ReplicationSettings replication(
      StateStoreSection section, @Nullable SecretSource secret) {
    ReplicationSettings defaults = ReplicationSettings.DEFAULT;
    Amount backlog = section.backlogMaxBytes();
    HashSecret key = secret == null ? null : hashSecret(section, secret);
    return orReport(
        section.spot(),
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

  private @Nullable HashSecret hashSecret(StateStoreSection section, SecretSource source) {
    SourceLocation spot =
        (section.hashSecretFile().isEmpty() ? section.hashSecretEnv() : section.hashSecretFile())
            .spot();
    try {
      return new HashSecret(source.read().getBytes(StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException e) {
      problems.add(spot, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private Home home(StateStoreSection section) {
    return switch (section.type().value()) {
      case "", StateStoreSettings.Memory.TYPE -> MEMORY;
      case StateStoreSettings.Redis.TYPE -> redis(section);
      case StateStoreSettings.Hazelcast.TYPE -> hazelcast(section);
      default -> {
        problems.add(
            section.type().spot(),
            "must be \"memory\", \"redis\" or \"hazelcast\", was \"" + section.type() + '"');
        yield MEMORY;
      }
    };
  }

  private Home redis(StateStoreSection section) {
    StateStoreSection.Redis redis = section.redis();
    if (redis == null || redis.uri().isEmpty()) {
      problems.add(
          redis == null ? section.type().spot() : redis.uri().spot(),
          "state store \"redis\" needs redis.uri, as redis://host:6379");
      return MEMORY;
    }
    SecretSource password = secret("password", redis.passwordFile(), redis.passwordEnv());
    SecretSource sentinelPassword =
        secret("sentinelPassword", redis.sentinelPasswordFile(), redis.sentinelPasswordEnv());
    RedisAddress address =
        this.<@Nullable RedisAddress>orReport(
            redis.uri().spot(),
            null,
            () -> RedisAddress.parse(redis.uri().value(), redis.cluster()));
    if (address == null) {
      return MEMORY;
    }
    StateStoreSection.Tls tls = redis.tls();
    return orReport(
        redis.spot(),
        MEMORY,
        () ->
            new StateStoreSettings.Redis(
                new RedisSettings(
                    address,
                    redis.username(),
                    password,
                    sentinelPassword,
                    tls == null ? null : path("tls.caFile", tls.caFile()),
                    tls == null ? null : clientCertificate(tls),
                    or(redis.connectTimeout(), RedisSettings.DEFAULT_CONNECT_TIMEOUT),
                    or(redis.timeout(), RedisSettings.DEFAULT_TIMEOUT),
                    or(redis.maxEntries(), RedisSettings.DEFAULT_MAX_ENTRIES))));
  }

  private static RedisSettings.@Nullable ClientCertificate clientCertificate(
      StateStoreSection.Tls tls) {
    Path certificate = path("tls.certFile", tls.certFile());
    Path key = path("tls.keyFile", tls.keyFile());
    if (certificate == null && key == null) {
      return null;
    } else if (certificate == null || key == null) {
      throw new IllegalArgumentException("tls.certFile and tls.keyFile belong together");
    }
    return new RedisSettings.ClientCertificate(certificate, key);
  }

  private Home hazelcast(StateStoreSection section) {
    StateStoreSection.Hazelcast hazelcast = section.hazelcast();
    if (hazelcast == null) {
      problems.add(
          section.type().spot(),
          "state store \"hazelcast\" needs hazelcast.members or hazelcast.serviceDns");
      return MEMORY;
    }
    return orReport(
        hazelcast.spot(),
        MEMORY,
        () ->
            new StateStoreSettings.Hazelcast(
                new HazelcastSettings(
                    hazelcast.members(),
                    hazelcast.serviceDns(),
                    hazelcast.port(),
                    hazelcast.clientMode(),
                    hazelcast.clusterName(),
                    or(hazelcast.timeout(), HazelcastSettings.DEFAULT_TIMEOUT),
                    or(hazelcast.maxEntries(), HazelcastSettings.DEFAULT_MAX_ENTRIES))));
  }

  /** Null when neither is given, or they cannot be used, which is reported. */
  private @Nullable SecretSource secret(String name, LocatedText file, LocatedText environment) {
    if (!file.isEmpty() && !environment.isEmpty()) {
      problems.add(environment.spot(), "give either " + name + "File or " + name + "Env, not both");
      return null;
    } else if (!environment.isEmpty()) {
      return new SecretSource(null, environment.value());
    }
    return this.<@Nullable SecretSource>orReport(
        file.spot(),
        null,
        () -> {
          Path path = path(name + "File", file.value());
          return path == null ? null : new SecretSource(path, null);
        });
  }

  private static @Nullable Path path(String field, String text) {
    try {
      return text.isEmpty() ? null : Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(field + " is no path: " + e.getMessage(), e);
    }
  }

  private <T extends @Nullable Object> T orReport(
      SourceLocation spot, T fallback, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (IllegalArgumentException e) {
      problems.add(spot, String.valueOf(e.getMessage()));
      return fallback;
    }
  }

  private static <T> T or(@Nullable T value, T defaultValue) {
    return Objects.requireNonNullElse(value, defaultValue);
  }
}
