package ai.llmd.epp.adapter.state.hazelcast;

import ai.llmd.epp.application.port.out.MissingFieldException;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Hazelcast, in the replicas themselves or beside them. */
public record HazelcastStateStore(HazelcastSettings settings) implements StateStore {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("hazelcast", Parameters.DEFAULTS, HazelcastStateStore::new);

  /**
   * Who belongs to the cluster; {@code docs/state-store.md}.
   *
   * @param members addresses, {@code host} or {@code host:port}
   * @param serviceDns instead of members: name of a headless Kubernetes service
   * @param port where the replica listens, and the default of members without one
   * @param clientMode whether the replica only calls a cluster that others form
   * @param clusterName empty for one that carries the pool
   * @param timeout bound on an answer
   * @param maxEntries bound on the log; the oldest goes when it is full
   */
  public record Parameters(
      List<String> members,
      String serviceDns,
      @Nullable Integer port,
      boolean clientMode,
      String clusterName,
      Duration timeout,
      int maxEntries) {

    static final Parameters DEFAULTS =
        new Parameters(
            List.of(),
            "",
            null,
            false,
            "",
            HazelcastSettings.DEFAULT_TIMEOUT,
            HazelcastSettings.DEFAULT_MAX_ENTRIES);

    public Parameters {
      members = List.copyOf(members);
      HazelcastSettings.requireBounds(members, portOrZero(port), timeout, maxEntries);
    }

    private static int portOrZero(@Nullable Integer port) {
      return port == null ? 0 : port;
    }

    private HazelcastSettings settings() {
      if (members.isEmpty() && serviceDns.isEmpty()) {
        throw new MissingFieldException(
            "", "state store \"hazelcast\" needs hazelcast.members or hazelcast.serviceDns");
      }
      return new HazelcastSettings(
          members, serviceDns, portOrZero(port), clientMode, clusterName, timeout, maxEntries);
    }
  }

  private HazelcastStateStore(Parameters parameters) {
    this(parameters.settings());
  }

  @Override
  public Optional<ReplicationLog> open(String poolNamespace, String poolName, Duration retention) {
    return Optional.of(new HazelcastReplicationLog(settings, poolNamespace, poolName, retention));
  }
}
