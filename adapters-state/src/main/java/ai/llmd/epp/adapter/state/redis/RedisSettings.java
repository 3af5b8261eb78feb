package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.application.port.out.SecretSource;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to reach Redis, and how long to wait for it. Holds no secret.
 *
 * @param address where it is
 * @param username of an ACL user; empty for the default one
 * @param password null when none is asked for
 * @param sentinelPassword null when the sentinels require none
 * @param caFile PEM file with the authorities that are trusted; null for those of the JDK
 * @param clientCertificate what this side shows when asked; null for nothing
 * @param connectTimeout bound on a connection until it is ready, 10 ms to 1 min
 * @param timeout bound on an answer, beside the time that a read may wait, 10 ms to 1 min
 * @param maxEntries bound on the log, roughly; 1000 or more
 */
public record RedisSettings(
    RedisAddress address,
    String username,
    @Nullable SecretSource password,
    @Nullable SecretSource sentinelPassword,
    @Nullable Path caFile,
    @Nullable ClientCertificate clientCertificate,
    Duration connectTimeout,
    Duration timeout,
    int maxEntries) {

  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(2);
  public static final int DEFAULT_MAX_ENTRIES = 200_000;

  private static final int LEAST_ENTRIES = 1000;

  /** PEM files. */
  public record ClientCertificate(Path certificate, Path key) {}

  public RedisSettings {
    requireBounds(connectTimeout, timeout, maxEntries);
    if (!username.isEmpty() && password == null) {
      throw new IllegalArgumentException("username needs passwordFile or passwordEnv");
    }
    if (!address.isTls() && (caFile != null || clientCertificate != null)) {
      throw new IllegalArgumentException("tls needs an address that begins with rediss");
    }
    if (sentinelPassword != null && address.kind() != RedisAddress.Kind.SENTINEL) {
      throw new IllegalArgumentException("sentinelPassword needs a redis-sentinel address");
    }
  }

  /** Defaults for an address without credentials. */
  public static RedisSettings of(RedisAddress address) {
    return new RedisSettings(
        address,
        "",
        null,
        null,
        null,
        null,
        DEFAULT_CONNECT_TIMEOUT,
        DEFAULT_TIMEOUT,
        DEFAULT_MAX_ENTRIES);
  }

  /** Refuses what no address could make right. */
  static void requireBounds(Duration connectTimeout, Duration timeout, int maxEntries) {
    requireTimeout("connectTimeout", connectTimeout);
    requireTimeout("timeout", timeout);
    if (maxEntries < LEAST_ENTRIES) {
      throw new IllegalArgumentException("maxEntries must be 1000 or more, was " + maxEntries);
    }
  }

  private static void requireTimeout(String field, Duration value) {
    if (value.toMillis() < 10 || value.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException(
          field + " must be 10ms to 1m, was " + value.toMillis() + "ms");
    }
  }
}
