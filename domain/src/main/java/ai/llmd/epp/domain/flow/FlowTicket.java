package ai.llmd.epp.domain.flow;

import ai.llmd.epp.domain.facts.FactKey;

/**
 * What a request that flow control has let in got: a fact about it.
 *
 * @param band priority of the band that it went through
 * @param waitedNanos how long it waited for its turn; 0 when it passed at once
 * @param fairness the policy that gave it its turn
 */
public record FlowTicket(int band, long waitedNanos, FairnessPolicy fairness) {

  /** Known from the admission of the request on. */
  public static final FactKey<FlowTicket> KEY =
      new FactKey<>("FlowTicketDataKey", "", FlowTicket.class);
}
