package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.adapter.state.SecretSource;
import ai.llmd.epp.adapter.state.hazelcast.HazelcastSettings;
import ai.llmd.epp.adapter.state.redis.RedisSettings;
import ai.llmd.epp.application.port.out.ReplicationSettings;
import ai.llmd.epp.domain.state.SharedState;
import org.jspecify.annotations.Nullable;

/**
 * Where learned state lives, how much of it, and how replicas share it. Settled at the start of the
 * program. Its text shows no secret.
 *
 * @param budget of every replica, whatever the home is
 * @param replication of no effect when the home is memory
 * @param hashSecretSource where the secret of {@code replication} came from; null without one
 * @param home what the replicas share it through
 */
public record StateStoreSettings(
    SharedState.Budget budget,
    ReplicationSettings replication,
    @Nullable SecretSource hashSecretSource,
    Home home) {

  /** What nobody has configured otherwise: this process alone. */
  public static final StateStoreSettings DEFAULT =
      new StateStoreSettings(
          SharedState.Budget.DEFAULT, ReplicationSettings.DEFAULT, null, new Memory());

  /** A kind of store. */
  public sealed interface Home {

    /** As in the configuration. */
    String type();
  }

  /** Nothing is shared. */
  public record Memory() implements Home {

    static final String TYPE = "memory";

    @Override
    public String type() {
      return TYPE;
    }
  }

  /** Redis or Valkey. */
  public record Redis(RedisSettings settings) implements Home {

    static final String TYPE = "redis";

    @Override
    public String type() {
      return TYPE;
    }
  }

  /** Hazelcast, in the replicas themselves or beside them. */
  public record Hazelcast(HazelcastSettings settings) implements Home {

    static final String TYPE = "hazelcast";

    @Override
    public String type() {
      return TYPE;
    }
  }
}
