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

  /**
   * Whether every flow is due as many turns as any other. Replicas that share what they have queued
   * then divide the turns over all of them; the selector decides while no other replica has
   * anything queued.
   */
  default boolean isByTurns() {
    return false;
  }
}
