package ai.llmd.epp.application.response;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;

/**
 * Returns to the client which endpoint served it, as the gateway reports it in the response's
 * metadata. A helper of the Gateway API Inference Extension's conformance suite, which reads the
 * header {@value #HEADER}; it also reports there what was missing.
 */
public final class ServedEndpointVerifier implements PreRequest {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("destination-endpoint-served-verifier", ServedEndpointVerifier::new);

  static final String HEADER = "x-conformance-test-served-endpoint";
  static final String NAMESPACE = "envoy.lb";
  static final String KEY = "x-gateway-destination-endpoint-served";

  private static final ResponseObserver OBSERVER =
      new ResponseObserver() {
        @Override
        public void onHeaders(ResponseHead head) {
          head.set(HEADER, served(head));
        }
      };

  @Override
  public ResponseObserver onRouted(RoutedRequest routed) {
    return OBSERVER;
  }

  private static String served(ResponseHead head) {
    if (!head.hasMetadata(NAMESPACE)) {
      return "fail: missing envoy lb metadata";
    }
    String endpoint = head.metadata(NAMESPACE, KEY);
    return endpoint == null ? "fail: missing destination endpoint served metadata" : endpoint;
  }
}
