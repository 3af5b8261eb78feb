package ai.llmd.epp.sidecar.cli;

import ai.llmd.epp.sidecar.connector.ConnectorSettings;
import ai.llmd.epp.sidecar.pool.PoolName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that the command line and the environment say, checked.
 *
 * @param port of rank 0
 * @param modelServerPort of rank 0
 * @param certificates the folder of key and certificate; null for a self-signed one
 * @param tlsStages whose servers are asked over TLS
 * @param unverifiedStages whose servers may show any certificate
 * @param allowedHosts that headers may name; null for all
 * @param pool whose pods headers may name besides; null for none
 * @param metricsPort null for none
 * @param traceEnvironment variables of the process that say how traces are recorded; null for none
 */
public record SidecarSettings(
    int port,
    int modelServerPort,
    ConnectorSettings connectors,
    boolean isSecure,
    @Nullable Path certificates,
    Set<Stage> tlsStages,
    Set<Stage> unverifiedStages,
    @Nullable List<String> allowedHosts,
    @Nullable PoolName pool,
    boolean isSampled,
    int maxIdlePerHost,
    @Nullable Integer metricsPort,
    @Nullable Map<String, String> traceEnvironment) {

  /** Whom the sidecar asks. */
  public enum Stage {
    PREFILLER,
    DECODER,
    ENCODER
  }

  public SidecarSettings {
    tlsStages = Set.copyOf(tlsStages);
    unverifiedStages = Set.copyOf(unverifiedStages);
    allowedHosts = allowedHosts == null ? null : List.copyOf(allowedHosts);
    traceEnvironment = traceEnvironment == null ? null : Map.copyOf(traceEnvironment);
  }

  /** Data-parallel ranks, each with its own port and model server. */
  public int ranks() {
    return connectors.ranks();
  }
}
