package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;

/**
 * Decides which endpoint serves a request. Any thread; takes microseconds and blocks on nothing.
 */
public interface RouteRequest {

  /** Routes a request whose body has been read. */
  RoutingDecision route(InferenceRequest request);

  /**
   * Routes a request without a body (GET, HEAD …): any endpoint of the pool, at random, with no
   * filter, scorer or plugin.
   */
  RoutingDecision routeWithoutBody(String requestId);
}
