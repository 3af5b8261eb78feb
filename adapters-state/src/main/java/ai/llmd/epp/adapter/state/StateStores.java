package ai.llmd.epp.adapter.state;

import ai.llmd.epp.adapter.state.hazelcast.HazelcastStateStore;
import ai.llmd.epp.adapter.state.memory.MemoryStateStore;
import ai.llmd.epp.adapter.state.redis.RedisStateStore;
import ai.llmd.epp.application.port.out.StateStoreCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The stores of this module. */
public final class StateStores implements StateStoreCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(MemoryStateStore.TYPE, RedisStateStore.TYPE, HazelcastStateStore.TYPE);
  }
}
