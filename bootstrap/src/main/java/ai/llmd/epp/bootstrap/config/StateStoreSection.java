package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.yaml.Amount;
import ai.llmd.epp.yaml.LocatedText;
import ai.llmd.epp.yaml.SourceLocation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part {@code stateStore} of the document, as it is written. What is absent is empty or null;
 * {@link StateStoreReader} knows the defaults.
 *
 * @param type {@code memory}, {@code redis} or {@code hazelcast}
 * @param memory budgets, which count for every type
 */
record StateStoreSection(
    SourceLocation spot,
    LocatedText type,
    @Nullable Memory memory,
    @Nullable Redis redis,
    @Nullable Hazelcast hazelcast,
    @Nullable Duration flushInterval,
    @Nullable Duration lease,
    @Nullable Duration warmUpTimeout,
    @Nullable Amount backlogMaxBytes,
    @Nullable Duration retention,
    LocatedText hashSecretFile,
    LocatedText hashSecretEnv) {

  record Memory(
      SourceLocation spot, @Nullable Amount prefixIndexMaxBytes, @Nullable Integer maxSessions) {}

  record Redis(
      SourceLocation spot,
      LocatedText uri,
      boolean cluster,
      String username,
      LocatedText passwordFile,
      LocatedText passwordEnv,
      LocatedText sentinelPasswordFile,
      LocatedText sentinelPasswordEnv,
      @Nullable Tls tls,
      @Nullable Duration connectTimeout,
      @Nullable Duration timeout,
      @Nullable Integer maxEntries) {}

  record Tls(SourceLocation spot, String caFile, String certFile, String keyFile) {}

  record Hazelcast(
      SourceLocation spot,
      List<String> members,
      String serviceDns,
      int port,
      boolean clientMode,
      String clusterName,
      @Nullable Duration timeout,
      @Nullable Integer maxEntries) {}
}
