package ai.llmd.epp.domain.flow.ordering;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import ai.llmd.epp.domain.flow.QueuedRequest;

/** First come, first served: by the time at which a request was queued. */
public final class FcfsOrdering implements OrderingPolicy {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("fcfs-ordering-policy", FcfsOrdering::new);

  @Override
  public int compare(QueuedRequest first, QueuedRequest second) {
    return Long.compare(first.enqueuedAt(), second.enqueuedAt());
  }
}
