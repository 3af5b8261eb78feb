package ai.llmd.epp.domain.flow.fairness;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.FairnessPolicy;
import ai.llmd.epp.domain.flow.FlowQueue;
import ai.llmd.epp.domain.flow.FlowSelector;
import ai.llmd.epp.domain.flow.IndexedHeap;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import org.jspecify.annotations.Nullable;

/**
 * Ignores flows: the request is next that is first by the band's ordering policy, whichever flow it
 * belongs to.
 */
public final class GlobalStrictFairness implements FairnessPolicy {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("global-strict-fairness-policy", GlobalStrictFairness::new);

  @Override
  public FlowSelector selector(OrderingPolicy ordering) {
    return new ByHead(ordering);
  }

  private static final class ByHead extends IndexedHeap<FlowQueue> implements FlowSelector {

    private final OrderingPolicy ordering;

    ByHead(OrderingPolicy ordering) {
      this.ordering = ordering;
    }

    @Override
    protected int compare(FlowQueue first, FlowQueue second) {
      int order = ordering.compare(first.head(), second.head());
      return order != 0 ? order : Long.compare(first.head().sequence(), second.head().sequence());
    }

    @Override
    protected int place(FlowQueue flow) {
      return flow.placeInBand;
    }

    @Override
    protected void note(FlowQueue flow, int place) {
      flow.placeInBand = place;
    }

    @Override
    public void opened(FlowQueue flow) {
      add(flow);
    }

    @Override
    public void headChanged(FlowQueue flow) {
      moved(flow);
    }

    @Override
    public void closed(FlowQueue flow) {
      remove(flow);
    }

    @Override
    public @Nullable FlowQueue pick(long now) {
      return head();
    }
  }
}
