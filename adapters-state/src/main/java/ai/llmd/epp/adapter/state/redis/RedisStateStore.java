package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.application.port.out.InvalidFieldException;
import ai.llmd.epp.application.port.out.MissingFieldException;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.SecretSource;
import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Redis or Valkey: one server, servers behind sentinels, or a cluster. */
public record RedisStateStore(RedisSettings settings) implements StateStore {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("redis", Parameters.DEFAULTS, RedisStateStore::new);

  /**
   * How to reach Redis; {@code docs/state-store.md}. Holds no secret.
   *
   * @param uri required; as {@link RedisAddress} has it
   * @param cluster whether the hosts of {@code uri} are some of a cluster's
   * @param username of an ACL user; empty for the default one
   * @param tls how connections are encrypted; null for the authorities of the JDK
   * @param connectTimeout bound on a connection until it is ready
   * @param timeout bound on an answer
   * @param maxEntries bound on the log, roughly
   */
  public record Parameters(
      String uri,
      boolean cluster,
      String username,
      String passwordFile,
      String passwordEnv,
      String sentinelPasswordFile,
      String sentinelPasswordEnv,
      @Nullable Tls tls,
      Duration connectTimeout,
      Duration timeout,
      int maxEntries) {

    static final Parameters DEFAULTS =
        new Parameters(
            "",
            false,
            "",
            "",
            "",
            "",
            "",
            null,
            RedisSettings.DEFAULT_CONNECT_TIMEOUT,
            RedisSettings.DEFAULT_TIMEOUT,
            RedisSettings.DEFAULT_MAX_ENTRIES);

    public Parameters {
      uri = uri.isEmpty() ? "" : address(uri, cluster).toString(); // with its port
      RedisSettings.requireBounds(connectTimeout, timeout, maxEntries);
    }

    private static RedisAddress address(String uri, boolean isCluster) {
      try {
        return RedisAddress.parse(uri, isCluster);
      } catch (IllegalArgumentException e) {
        throw new InvalidFieldException("uri", String.valueOf(e.getMessage()), e);
      }
    }

    private RedisSettings settings() {
      SecretSource password = SecretSource.of("password", passwordFile, passwordEnv);
      SecretSource sentinelPassword =
          SecretSource.of("sentinelPassword", sentinelPasswordFile, sentinelPasswordEnv);
      Path authorities = tls == null ? null : path("tls.caFile", tls.caFile());
      RedisSettings.ClientCertificate certificate = tls == null ? null : tls.clientCertificate();
      if (uri.isEmpty()) {
        throw new MissingFieldException(
            "uri", "state store \"redis\" needs redis.uri, as redis://host:6379");
      }
      return new RedisSettings(
          address(uri, cluster),
          username,
          password,
          sentinelPassword,
          authorities,
          certificate,
          connectTimeout,
          timeout,
          maxEntries);
    }
  }

  /**
   * PEM files.
   *
   * @param caFile the authorities that are trusted; empty for those of the JDK
   * @param certFile what this side shows when asked; empty for nothing
   * @param keyFile its key; given with the certificate
   */
  public record Tls(String caFile, String certFile, String keyFile) {

    private RedisSettings.@Nullable ClientCertificate clientCertificate() {
      Path certificate = path("tls.certFile", certFile);
      Path key = path("tls.keyFile", keyFile);
      if (certificate == null && key == null) {
        return null;
      } else if (certificate == null || key == null) {
        throw new IllegalArgumentException("tls.certFile and tls.keyFile belong together");
      }
      return new RedisSettings.ClientCertificate(certificate, key);
    }
  }

  private RedisStateStore(Parameters parameters) {
    this(parameters.settings());
  }

  @Override
  public Optional<ReplicationLog> open(String poolNamespace, String poolName, Duration retention) {
    return Optional.of(new RedisReplicationLog(settings, poolNamespace, poolName, retention));
  }

  private static @Nullable Path path(String field, String text) {
    try {
      return text.isEmpty() ? null : Path.of(text);
    } catch (InvalidPathException e) {
      throw new InvalidFieldException(field, field + " is no path: " + e.getMessage(), e);
    }
  }
}
