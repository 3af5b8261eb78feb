package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.Map;

/**
 * Follows the response of a routed request, so that what was counted for it is released. Called
 * from the request's stream in this order; {@link #ended} exactly once for every route, whatever
 * happens.
 */
public interface FollowResponse {

  void headers(Route route, ResponseHead head);

  void firstBytes(Route route);

  /**
   * The model server may keep its answer, under this id.
   *
   * @param id not empty; it may be a credential
   */
  void identified(Route route, String id);

  /**
   * The request is over, whatever became of it.
   *
   * @return metadata for the gateway, by namespace and key; values are strings or doubles
   */
  Map<String, Map<String, Object>> ended(Route route, ResponseSummary summary);
}
