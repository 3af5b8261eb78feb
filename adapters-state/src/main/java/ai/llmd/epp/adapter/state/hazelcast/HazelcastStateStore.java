package ai.llmd.epp.adapter.state.hazelcast;

import ai.llmd.epp.application.port.out.MissingFieldException;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
   * @param acceptClients whether replicas in {@code clientMode} may call this one
   * @param clusterName empty for one that carries the pool
   * @param clusterSecretFile a file with a secret of all replicas, which becomes part of the
   *     cluster's name; empty for none
   * @param timeout bound on an answer
   * @param maxEntries bound on the log; the oldest goes when it is full
   */
  public record Parameters(
      List<String> members,
      String serviceDns,
      @Nullable Integer port,
      boolean clientMode,
      boolean acceptClients,
      String clusterName,
      String clusterSecretFile,
      Duration timeout,
      int maxEntries) {

    private static final int LEAST_SECRET = 16;

    static final Parameters DEFAULTS =
        new Parameters(
            List.of(),
            "",
            null,
            false,
            false,
            "",
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

    private String clusterSecret() {
      if (clusterSecretFile.isEmpty()) {
        return "";
      }
      try {
        String secret = Files.readString(Path.of(clusterSecretFile)).strip();
        if (secret.length() < LEAST_SECRET) {
          throw new IllegalArgumentException(
              "clusterSecretFile must hold " + LEAST_SECRET + " characters or more");
        }
        return secret;
      } catch (IOException e) {
        throw new IllegalArgumentException(
            "clusterSecretFile " + clusterSecretFile + " cannot be read: " + e.getMessage(), e);
      }
    }

    private HazelcastSettings settings() {
      if (members.isEmpty() && serviceDns.isEmpty()) {
        throw new MissingFieldException(
            "", "state store \"hazelcast\" needs hazelcast.members or hazelcast.serviceDns");
      }
      return new HazelcastSettings(
          members,
          serviceDns,
          portOrZero(port),
          clientMode,
          acceptClients,
          clusterName,
          clusterSecret(),
          timeout,
          maxEntries);
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
