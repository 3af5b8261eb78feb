package ai.llmd.epp.domain.flow.ordering;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.flow.OrderingPolicy;
import ai.llmd.epp.domain.flow.QueuedRequest;

/**
 * Earliest deadline first: by the time at which a request's time to live is over, a request without
 * one last; among equals by the time at which they were queued.
 */
public final class EdfOrdering implements OrderingPolicy {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("edf-ordering-policy", EdfOrdering::new);

  @Override
  public int compare(QueuedRequest first, QueuedRequest second) {
    int order = Long.compare(first.deadline(), second.deadline());
    return order != 0 ? order : Long.compare(first.enqueuedAt(), second.enqueuedAt());
  }
}
