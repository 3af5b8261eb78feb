package ai.llmd.epp.configuration.planted;

import ai.llmd.epp.adapter.state.memory.MemoryStateStore;

final class KnowsAStore {
  final MemoryStateStore store = new MemoryStateStore();
}
