package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.routing.RoutingDecision;

/**
 * Observes every routing: records, meters, traces. Called on the thread that routes, which may be
 * an event loop: cheap, never blocks, never throws.
 */
@FunctionalInterface
public interface RoutingObserver {

  /** A request is about to be routed. */
  default void arrived() {}

  /** A request was decided, at once or after a wait. */
  void decided(RoutingDecision decision);
}
