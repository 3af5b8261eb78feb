package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.request.SubsetHint;
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
   * Whether the requests of an objective are the first that may be refused.
   *
   * @param objective as the client names it; empty for none
   */
  boolean isSheddable(String objective);

  /**
   * Routes a request without a body (GET, HEAD …): any of the endpoints that the gateway allows and
   * that serve clients by their role, at random, with no scorer or plugin. When none of those
   * allowed serves clients by its role, any of them.
   *
   * @param stored an answer that it refers to: the endpoint that keeps it is picked, if one is
   *     known
   */
  RoutingDecision routeWithoutBody(String requestId, SubsetHint subset, StoredAnswers stored);

  /** The same for a request that refers to nothing. */
  default RoutingDecision routeWithoutBody(String requestId, SubsetHint subset) {
    return routeWithoutBody(requestId, subset, StoredAnswers.NONE);
  }
}
