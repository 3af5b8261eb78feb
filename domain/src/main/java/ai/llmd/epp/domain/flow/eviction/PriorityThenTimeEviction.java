package ai.llmd.epp.domain.flow.eviction;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.IndexedHeap;

/**
 * Evicts the lowest priority first, and among equals what was dispatched last: it has the least to
 * lose. Flow control always uses it; a configuration may declare it and cannot choose another.
 */
public final class PriorityThenTimeEviction implements Plugin {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("priority-then-time-eviction-order-policy", PriorityThenTimeEviction::new)
          .alpha();

  /** What may be evicted, the next one first. */
  static final class Queue extends IndexedHeap<RunningRequest> {

    @Override
    protected int compare(RunningRequest first, RunningRequest second) {
      int order = Integer.compare(first.priority(), second.priority());
      return order != 0 ? order : Long.compare(second.dispatchedAt(), first.dispatchedAt());
    }

    @Override
    protected int place(RunningRequest request) {
      return request.place;
    }

    @Override
    protected void note(RunningRequest request, int place) {
      request.place = place;
    }
  }
}
