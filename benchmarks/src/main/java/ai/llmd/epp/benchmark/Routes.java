package ai.llmd.epp.benchmark;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.List;
import java.util.Map;

/** Decisions for benchmarks of what comes after them. */
public final class Routes {

  private static final Endpoint ENDPOINT =
      Endpoint.of(new EndpointId("default", "pod-1"), "10.0.0.1", 8000, Map.of());

  private Routes() {}

  public static Route toOneEndpoint(InferenceRequest request) {
    return new Route(
        RequestLabels.of(request),
        List.of(ENDPOINT),
        new HeaderChanges(),
        null,
        List.of(),
        Evidence.NONE);
  }
}
