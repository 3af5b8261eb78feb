package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;

/**
 * Decides which endpoint serves a request. Any thread; takes microseconds and blocks on nothing.
 */
public interface RouteRequest {

  /**
   * Routes a request whose body has been read. What has to wait is left to the caller, who awaits
   * it on a virtual thread, and interrupts that when the request is not wanted any more.
   */
  Routing route(ReceivedRequest request);

  /**
   * Routes a request without a body (GET, HEAD …): any endpoint of the pool, at random, with no
   * filter, scorer or plugin.
   */
  RoutingDecision routeWithoutBody(String requestId);
}
