package ai.llmd.epp.domain.routing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouteTest {

  @Test
  void namesTheDestinationAlone() {
    assertThat(route("10.0.0.1").destination()).isEqualTo("10.0.0.1:8000");
  }

  @Test
  void joinsFallbacksByCommasWithIpv6InBrackets() {
    assertThat(route("10.0.0.1", "fd00::2").destination())
        .isEqualTo("10.0.0.1:8000,[fd00::2]:8000");
  }

  private static Route route(String... addresses) {
    List<Endpoint> endpoints =
        List.of(addresses).stream()
            .map(a -> Endpoint.of(new EndpointId("ns", a), a, 8000, Map.of()))
            .toList();
    return new Route(
        RequestLabels.anonymous("r"),
        endpoints,
        new HeaderChanges(),
        null,
        List.of(),
        Evidence.NONE);
  }
}
