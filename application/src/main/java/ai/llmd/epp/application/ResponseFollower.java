package ai.llmd.epp.application;

import ai.llmd.epp.application.port.in.FollowResponse;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Passes what happens to a response on to the route's observers, in order. Stateless; the observers
 * that {@link RoutingService} hands out are guarded each by itself.
 */
public final class ResponseFollower implements FollowResponse {

  @Override
  public void headers(Route route, ResponseHead head) {
    for (ResponseObserver observer : route.observers()) {
      observer.onHeaders(head);
    }
  }

  @Override
  public void firstBytes(Route route) {
    for (ResponseObserver observer : route.observers()) {
      observer.onFirstBytes();
    }
  }

  @Override
  public void identified(Route route, String id) {
    for (ResponseObserver observer : route.observers()) {
      observer.onAnswerId(id);
    }
  }

  @Override
  public Map<String, Map<String, Object>> ended(Route route, ResponseSummary summary) {
    Map<String, Map<String, Object>> merged = Map.of();
    for (ResponseObserver observer : route.observers()) {
      Map<String, Map<String, Object>> metadata = observer.onEnd(summary);
      if (!metadata.isEmpty()) {
        merged = merge(merged, metadata);
      }
    }
    return merged;
  }

  /** Of two values under one namespace and key the later observer's counts. */
  private static Map<String, Map<String, Object>> merge(
      Map<String, Map<String, Object>> first, Map<String, Map<String, Object>> later) {
    Map<String, Map<String, Object>> merged = new LinkedHashMap<>(first);
    later.forEach(
        (namespace, values) ->
            merged.merge(
                namespace,
                values,
                (a, b) -> {
                  Map<String, Object> both = new HashMap<>(a);
                  both.putAll(b);
                  return both;
                }));
    return merged;
  }
}
