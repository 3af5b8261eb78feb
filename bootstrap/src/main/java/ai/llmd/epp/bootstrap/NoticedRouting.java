package ai.llmd.epp.bootstrap;

import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;

/**
 * Tells somebody that a request came: scraping slows down while none does.
 *
 * @param requestSeen cheap; any thread
 */
record NoticedRouting(RouteRequest next, Runnable requestSeen) implements RouteRequest {

  @Override
  public RoutingDecision route(InferenceRequest request) {
    requestSeen.run();
    return next.route(request);
  }

  @Override
  public RoutingDecision routeWithoutBody(String requestId) {
    requestSeen.run();
    return next.routeWithoutBody(requestId);
  }
}
