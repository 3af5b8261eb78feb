package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.state.hazelcast.HazelcastReplicationLog;
import ai.llmd.epp.adapter.state.redis.RedisReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.bootstrap.config.StateStoreSettings;
import java.time.Duration;
import java.util.Optional;

/**
 * Opens the log that replicas share. The libraries of a store that is not configured stay unloaded.
 */
final class StateStores {

  private StateStores() {}

  /**
   * The log of a pool; empty when state is kept in this process alone. Waits for nothing: a store
   * that cannot be reached shows in the calls.
   */
  static Optional<ReplicationLog> open(
      StateStoreSettings settings, String poolNamespace, String poolName) {
    Duration retention = settings.replication().retention();
    return switch (settings.home()) {
      case StateStoreSettings.Memory ignored -> Optional.empty();
      case StateStoreSettings.Redis redis ->
          Optional.of(
              new RedisReplicationLog(redis.settings(), poolNamespace, poolName, retention));
      case StateStoreSettings.Hazelcast hazelcast ->
          Optional.of(
              new HazelcastReplicationLog(
                  hazelcast.settings(), poolNamespace, poolName, retention));
    };
  }
}
