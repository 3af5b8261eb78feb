package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.load.LoadLedger;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.RequestLabels;

/** Receives work that is put on endpoints, to show it. Called from event loops: never blocks. */
@FunctionalInterface
public interface InFlightObserver {

  /** An observer that does not care; for tests. */
  InFlightObserver NONE = (producer, endpoint, labels, tokens, entry) -> entry;

  /**
   * A request was counted on an endpoint.
   *
   * @param producer instance name of the plugin that counts
   * @param tokens estimated tokens of the request on this endpoint
   * @param entry what was counted
   * @return the entry to release instead: it releases the given one, and what is shown
   */
  LoadLedger.Entry opened(
      String producer,
      EndpointId endpoint,
      RequestLabels labels,
      long tokens,
      LoadLedger.Entry entry);
}
