package ai.llmd.epp.benchmark;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;

/** What Envoy sends to a picker. */
public final class Messages {

  private Messages() {}

  static ProcessingRequest requestHeaders(String id, int bodyBytes) {
    return requestHeaders("/v1/chat/completions", id, bodyBytes);
  }

  /**
   * The first message about a request.
   *
   * @param bodyBytes how long its body will be
   */
  public static ProcessingRequest requestHeaders(String path, String id, int bodyBytes) {
    return ProcessingRequest.newBuilder()
        .setRequestHeaders(
            headers(
                ":method", "POST",
                ":path", path,
                ":authority", "gateway",
                ":scheme", "http",
                "content-type", "application/json",
                "content-length", Integer.toString(bodyBytes),
                "x-request-id", id))
        .build();
  }

  /** A piece of its body. */
  public static ProcessingRequest requestBody(ByteString piece, boolean isLast) {
    return ProcessingRequest.newBuilder()
        .setRequestBody(HttpBody.newBuilder().setBody(piece).setEndOfStream(isLast))
        .build();
  }

  static ProcessingRequest responseHeaders(String contentType) {
    return ProcessingRequest.newBuilder()
        .setResponseHeaders(headers(":status", "200", "content-type", contentType))
        .build();
  }

  static ProcessingRequest responseBody(String piece, boolean isLast) {
    return ProcessingRequest.newBuilder()
        .setResponseBody(
            HttpBody.newBuilder().setBody(ByteString.copyFromUtf8(piece)).setEndOfStream(isLast))
        .build();
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
}
