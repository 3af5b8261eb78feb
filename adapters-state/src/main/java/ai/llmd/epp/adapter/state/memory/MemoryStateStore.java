package ai.llmd.epp.adapter.state.memory;

import ai.llmd.epp.application.port.out.ReplicationLog;
import ai.llmd.epp.application.port.out.StateStore;
import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.time.Duration;
import java.util.Optional;

/** Shares nothing. */
public record MemoryStateStore() implements StateStore {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("memory", MemoryStateStore::new);

  @Override
  public Optional<ReplicationLog> open(String poolNamespace, String poolName, Duration retention) {
    return Optional.empty();
  }
}
