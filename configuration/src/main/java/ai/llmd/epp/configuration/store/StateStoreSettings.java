package ai.llmd.epp.configuration.store;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.application.port.out.SecretSource;
import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.domain.state.SharedState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where learned state lives, how much of it, and how replicas share it. Settled at the start of the
 * program. Its text shows no secret.
 *
 * @param budget of every replica, whatever the store is
 * @param replication of no effect when nothing is shared
 * @param hashSecretSource where the secret of {@code replication} came from; null without one
 * @param type of the store
 * @param parameters of the store, of its type's record
 * @param store through which replicas share what they learn
 */
public record StateStoreSettings(
    SharedState.Budget budget,
    ReplicationSettings replication,
    @Nullable SecretSource hashSecretSource,
    String type,
    Record parameters,
    StateStore store) {

  /** The log of a pool, as {@link StateStore#open} gives it. */
  public Optional<ReplicationLog> open(String poolNamespace, String poolName) {
    return store.open(poolNamespace, poolName, replication.retention());
  }
}
