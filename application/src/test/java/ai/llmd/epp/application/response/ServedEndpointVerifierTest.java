package ai.llmd.epp.application.response;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.RoutedRequests;
import java.util.HashMap;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ServedEndpointVerifierTest {

  @Test
  void repeatsTheEndpointThatTheGatewayReports() {
    var head =
        new Head(
            Map.of("envoy.lb", Map.of("x-gateway-destination-endpoint-served", "10.0.0.1:80")));
    assertThat(headersAfter(head))
        .containsExactly(Map.entry("x-conformance-test-served-endpoint", "10.0.0.1:80"));
  }

  @Test
  void reportsThatTheNamespaceIsMissing() {
    var head =
        new Head(Map.of("other", Map.of("x-gateway-destination-endpoint-served", "10.0.0.1:80")));
    assertThat(headersAfter(head)).containsValue("fail: missing envoy lb metadata");
  }

  @Test
  void reportsThatTheKeyIsMissing() {
    var head =
        new Head(Map.of("envoy.lb", Map.of("x-gateway-destination-endpoint", "10.0.0.1:80")));
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

  private static Map<String, String> headersAfter(Head head) {
    new ServedEndpointVerifier().onRouted(RoutedRequests.any()).onHeaders(head);
    return head.set;
  }

  private static final class Head implements ResponseHead {

    private final Map<String, Map<String, String>> metadata;
    private final Map<String, String> set = new HashMap<>();

    Head(Map<String, Map<String, String>> metadata) {
      this.metadata = metadata;
    }

    @Override
    public @Nullable String header(String lowerCaseName) {
      return null;
    }

    @Override
    public @Nullable String metadata(String namespace, String key) {
      return metadata.getOrDefault(namespace, Map.of()).get(key);
    }

    @Override
    public boolean hasMetadata(String namespace) {
      return metadata.containsKey(namespace);
    }

    @Override
    public void set(String name, String value) {
      set.put(name, value);
    }
  }
}
