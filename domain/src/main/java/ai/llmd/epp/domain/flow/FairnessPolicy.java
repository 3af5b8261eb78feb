package ai.llmd.epp.domain.flow;

import ai.llmd.epp.domain.catalogue.Plugin;

/** Divides a priority band between its flows. */
public interface FairnessPolicy extends Plugin {

  /**
   * What chooses among the flows of one band. Used by one thread at a time.
   *
   * @param ordering the order of requests within the band's flows
   */
  FlowSelector selector(OrderingPolicy ordering);
}
