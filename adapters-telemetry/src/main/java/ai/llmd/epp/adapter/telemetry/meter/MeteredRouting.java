package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;

/** Counts and times every decision. */
public record MeteredRouting(RouteRequest next, RoutingMeters meters) implements RouteRequest {

  @Override
  public RoutingDecision route(InferenceRequest request) {
    return metered(next.route(request));
  }

  @Override
  public RoutingDecision routeWithoutBody(String requestId) {
    return metered(next.routeWithoutBody(requestId));
  }

  private RoutingDecision metered(RoutingDecision decision) {
    meters.decided(decision);
    return decision;
  }
}
