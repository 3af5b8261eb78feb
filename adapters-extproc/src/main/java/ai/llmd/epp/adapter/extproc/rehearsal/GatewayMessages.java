package ai.llmd.epp.adapter.extproc.rehearsal;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;

/** What Envoy sends to a picker, with the metadata that it adds to every message. */
final class GatewayMessages {

  private static final Metadata METADATA =
      Metadata.newBuilder().putFilterMetadata("envoy.lb", Struct.getDefaultInstance()).build();

  private static final ProtocolConfiguration BUFFERED =
      ProtocolConfiguration.newBuilder()
          .setRequestBodyMode(BodySendMode.BUFFERED)
          .setResponseBodyMode(BodySendMode.NONE)
          .build();

  private GatewayMessages() {}

  /**
   * @param isBuffered whether the request body comes in one piece, and none of the response
   * @param namesAndValues in turn
   */
  static ProcessingRequest requestHeaders(boolean isBuffered, String... namesAndValues) {
    ProcessingRequest.Builder message = withMetadata().setRequestHeaders(headers(namesAndValues));
    return (isBuffered ? message.setProtocolConfig(BUFFERED) : message).build();
  }

  static ProcessingRequest requestBody(String text) {
    return withMetadata().setRequestBody(body(text, true)).build();
  }

  static ProcessingRequest responseHeaders(String contentType) {
    return withMetadata()
        .setResponseHeaders(headers(":status", "200", "content-type", contentType))
        .build();
  }

  static ProcessingRequest responseBody(String text, boolean isLast) {
    return withMetadata().setResponseBody(body(text, isLast)).build();
  }

  private static ProcessingRequest.Builder withMetadata() {
    return ProcessingRequest.newBuilder().setMetadataContext(METADATA);
  }

  private static HttpHeaders headers(String... namesAndValues) {
    HeaderMap.Builder map = HeaderMap.newBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.addHeaders(
          HeaderValue.newBuilder()
              .setKey(namesAndValues[i])
              .setRawValue(ByteString.copyFromUtf8(namesAndValues[i + 1])));
    }
    return HttpHeaders.newBuilder().setHeaders(map).build();
  }

  private static HttpBody body(String text, boolean isLast) {
    return HttpBody.newBuilder()
        .setBody(ByteString.copyFromUtf8(text))
        .setEndOfStream(isLast)
        .build();
  }
}
