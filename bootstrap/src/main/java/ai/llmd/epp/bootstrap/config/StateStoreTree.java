package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.adapter.state.SecretSource;
import ai.llmd.epp.adapter.state.hazelcast.HazelcastSettings;
import ai.llmd.epp.adapter.state.redis.RedisAddress;
import ai.llmd.epp.adapter.state.redis.RedisSettings;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.commandline.GoDuration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the state store as the values of YAML, with every default; secrets by their place.
 */
final class StateStoreTree {

  private StateStoreTree() {}

  /** What reads as these settings. */
  static Map<String, @Nullable Object> of(StateStoreSettings settings) {
    Map<String, @Nullable Object> memory = new LinkedHashMap<>();
    memory.put("prefixIndexMaxBytes", settings.budget().prefixIndexBytes());
    memory.put("maxSessions", settings.budget().sessions());
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("type", settings.home().type());
    fields.put("memory", memory);
    switch (settings.home()) {
      case StateStoreSettings.Memory ignored -> {
        // nothing to reach
      }
      case StateStoreSettings.Redis redis -> fields.put("redis", redis(redis.settings()));
      case StateStoreSettings.Hazelcast hazelcast ->
          fields.put("hazelcast", hazelcast(hazelcast.settings()));
    }
    ReplicationSettings replication = settings.replication();
    fields.put("flushInterval", GoDuration.format(replication.flushInterval()));
    fields.put("lease", GoDuration.format(replication.lease()));
    fields.put("warmUpTimeout", GoDuration.format(replication.warmUpTimeout()));
    fields.put("backlogMaxBytes", replication.backlogBytes());
    fields.put("retention", GoDuration.format(replication.retention()));
    secret("hashSecret", settings.hashSecretSource(), fields);
    return fields;
  }

  private static Map<String, @Nullable Object> redis(RedisSettings redis) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("uri", redis.address().toString());
    fields.put("cluster", redis.address().kind() == RedisAddress.Kind.CLUSTER);
    text("username", redis.username(), fields);
    secret("password", redis.password(), fields);
    secret("sentinelPassword", redis.sentinelPassword(), fields);
    Map<String, @Nullable Object> tls = new LinkedHashMap<>();
    if (redis.caFile() != null) {
      tls.put("caFile", redis.caFile().toString());
    }
    if (redis.clientCertificate() != null) {
      tls.put("certFile", redis.clientCertificate().certificate().toString());
      tls.put("keyFile", redis.clientCertificate().key().toString());
    }
    if (!tls.isEmpty()) {
      fields.put("tls", tls);
    }
    fields.put("connectTimeout", GoDuration.format(redis.connectTimeout()));
    fields.put("timeout", GoDuration.format(redis.timeout()));
    fields.put("maxEntries", redis.maxEntries());
    return fields;
  }

  private static Map<String, @Nullable Object> hazelcast(HazelcastSettings hazelcast) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    if (!hazelcast.members().isEmpty()) {
      fields.put("members", hazelcast.members());
    }
    text("serviceDns", hazelcast.serviceDns(), fields);
    if (hazelcast.port() != 0) {
      fields.put("port", hazelcast.port());
    }
    fields.put("clientMode", hazelcast.clientMode());
    text("clusterName", hazelcast.clusterName(), fields);
    fields.put("timeout", GoDuration.format(hazelcast.timeout()));
    fields.put("maxEntries", hazelcast.maxEntries());
    return fields;
  }

  private static void text(String name, String value, Map<String, @Nullable Object> fields) {
    if (!value.isEmpty()) {
      fields.put(name, value);
    }
  }

  private static void secret(
      String name, @Nullable SecretSource source, Map<String, @Nullable Object> fields) {
    if (source != null && source.file() != null) {
      fields.put(name + "File", source.file().toString());
    } else if (source != null) {
      fields.put(name + "Env", source.environment());
    }
  }
}
