package ai.llmd.epp.bootstrap.config;

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
    Spot spot,
    Text type,
    @Nullable Memory memory,
    @Nullable Redis redis,
    @Nullable Hazelcast hazelcast,
    @Nullable Duration flushInterval,
    @Nullable Duration lease,
    @Nullable Duration warmUpTimeout,
    @Nullable Amount backlogMaxBytes,
    @Nullable Duration retention,
    Text hashSecretFile,
    Text hashSecretEnv) {

  record Memory(Spot spot, @Nullable Amount prefixIndexMaxBytes, @Nullable Integer maxSessions) {}

  record Redis(
      Spot spot,
      Text uri,
      boolean cluster,
      String username,
      Text passwordFile,
      Text passwordEnv,
      Text sentinelPasswordFile,
      Text sentinelPasswordEnv,
      @Nullable Tls tls,
      @Nullable Duration connectTimeout,
      @Nullable Duration timeout,
      @Nullable Integer maxEntries) {}

  record Tls(Spot spot, String caFile, String certFile, String keyFile) {}

  record Hazelcast(
      Spot spot,
      List<String> members,
      String serviceDns,
      int port,
      boolean clientMode,
      String clusterName,
      @Nullable Duration timeout,
      @Nullable Integer maxEntries) {}
}
