package ai.llmd.epp.application.response;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.RoutedRequests;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class ServedEndpointVerifierTest {

  @Test
  void repeatsTheEndpointThatTheGatewayReports() {
    var head =
        FakeResponseHead.of(
            Map.of(),
            Map.of("envoy.lb", Map.of("x-gateway-destination-endpoint-served", "10.0.0.1:80")));
    assertThat(headersAfter(head))
        .containsExactly(Map.entry("x-conformance-test-served-endpoint", "10.0.0.1:80"));
  }

  @Test
  void reportsThatTheNamespaceIsMissing() {
    var head =
        FakeResponseHead.of(
            Map.of(),
            Map.of("other", Map.of("x-gateway-destination-endpoint-served", "10.0.0.1:80")));
    assertThat(headersAfter(head)).containsValue("fail: missing envoy lb metadata");
  }

  @Test
  void reportsThatTheKeyIsMissing() {
    var head =
        FakeResponseHead.of(
            Map.of(), Map.of("envoy.lb", Map.of("x-gateway-destination-endpoint", "10.0.0.1:80")));
    assertThat(headersAfter(head))
        .containsValue("fail: missing destination endpoint served metadata");
  }

  @Test
  void isInTheCatalogueUnderTheNameOfTheReference() {
    assertThat(ServiceLoader.load(PluginCatalogue.class))
        .filteredOn(ResponsePlugins.class::isInstance)
        .flatExtracting(PluginCatalogue::types)
        .extracting("name")
        .containsExactly("destination-endpoint-served-verifier");
  }

  private static Map<String, String> headersAfter(FakeResponseHead head) {
    new ServedEndpointVerifier().onRouted(RoutedRequests.any()).onHeaders(head);
    return head.set();
  }
}
