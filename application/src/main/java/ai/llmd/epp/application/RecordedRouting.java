package ai.llmd.epp.application;

import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;
import java.util.function.LongSupplier;

/**
 * Remembers every decision for those who ask afterwards.
 *
 * @param epochMillis the wall clock, in milliseconds since 1970
 * @param nanoClock as {@link System#nanoTime()}
 */
public record RecordedRouting(
    RouteRequest next, DecisionRing ring, LongSupplier epochMillis, LongSupplier nanoClock)
    implements RouteRequest {

  @Override
  public RoutingDecision route(InferenceRequest request) {
    return record(next.route(request));
  }

  @Override
  public RoutingDecision routeWithoutBody(String requestId) {
    return record(next.routeWithoutBody(requestId));
  }

  private RoutingDecision record(RoutingDecision decision) {
    ring.add(DecisionRecord.of(decision, epochMillis.getAsLong(), nanoClock.getAsLong()));
    return decision;
  }
}
