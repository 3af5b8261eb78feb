package ai.llmd.epp.adapter.state.inprocess;

import ai.llmd.epp.application.port.out.InvalidFieldException;
import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Shares among the pickers of one process, for demonstrations. */
public record InProcessStateStore(Parameters parameters) implements StateStore {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("in-process", new Parameters("default", 10_000), InProcessStateStore::new);

  private static final Map<String, InProcessReplicationLog> LOGS = new ConcurrentHashMap<>();

  /**
   * @param room pickers in one room share
   * @param maxEntries bound on the log
   */
  public record Parameters(String room, int maxEntries) {

    public Parameters {
      if (maxEntries < 1) {
        throw new InvalidFieldException(
            "maxEntries", "maxEntries must be 1 or more, was " + maxEntries);
      }
    }
  }

  @Override
  public Optional<ReplicationLog> open(String poolNamespace, String poolName, Duration retention) {
    String key = parameters.room() + '/' + poolNamespace + '/' + poolName;
    return Optional.of(
        LOGS.computeIfAbsent(key, k -> new InProcessReplicationLog(k, parameters.maxEntries()))
            .handle());
  }
}
