package ai.llmd.epp.domain.flow.fairness;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowQueue;
import ai.llmd.epp.domain.flow.FlowSelector;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One request of each flow in turn, in the order of their ids. When the band is empty the next turn
 * begins at the first id.
 */
public final class RoundRobinFairness implements FairnessPolicy {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("round-robin-fairness-policy", RoundRobinFairness::new);

  @Override
  public FlowSelector selector(OrderingPolicy ordering) {
    return new InTurn();
  }

  @Override
  public boolean isByTurns() {
    return true;
  }

  private static final class InTurn implements FlowSelector {

    private final TreeMap<String, FlowQueue> flows = new TreeMap<>();
    private @Nullable String last; // whose turn it was

    @Override
    public void opened(FlowQueue flow) {
      flows.put(flow.fairnessId(), flow);
    }

    @Override
    public void headChanged(FlowQueue flow) {}

    @Override
    public void closed(FlowQueue flow) {
      flows.remove(flow.fairnessId());
      if (flows.isEmpty()) {
        last = null;
      }
    }

    @Override
    public @Nullable FlowQueue pick(long now) {
      Map.@Nullable Entry<String, FlowQueue> next = last == null ? null : flows.higherEntry(last);
      if (next == null) {
        next = flows.firstEntry();
      }
      if (next == null) {
        return null;
      }
      last = next.getKey();
      return next.getValue();
    }
  }
}
