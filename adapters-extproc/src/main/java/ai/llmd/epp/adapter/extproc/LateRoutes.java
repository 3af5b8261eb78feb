package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.Termination;
import org.jspecify.annotations.Nullable;

/**
 * Releases what was counted for routes of one request that came too late to be sent: its stream had
 * ended, or was given up. Any thread.
 *
 * @param arrivedAtNanos when the request came
 */
record LateRoutes(ExtProcParts parts, long arrivedAtNanos) {

  /** Lets go of a route, or of the wait for it. */
  void release(Routing late) {
    switch (late) {
      case Routing.Decided(RoutingDecision decision) -> release(decision);
      case Routing.Waiting _, Routing.Queued _ ->
          PendingDecision.begin(
                  late, RequestTrace.NONE, Runnable::run, this::release, this::release)
              .interrupt();
    }
  }

  /** Lets go of what a wait came to. */
  void release(PendingDecision.Outcome late) {
    release(late.made());
  }

  /**
   * Lets go of a decision.
   *
   * @param late null when there was none
   */
  void release(@Nullable RoutingDecision late) {
    if (late instanceof Route route) {
      new Exchange(parts, route, route.labels(), null, false, arrivedAtNanos)
          .end(Termination.CLIENT_DISCONNECT);
    }
  }
}
