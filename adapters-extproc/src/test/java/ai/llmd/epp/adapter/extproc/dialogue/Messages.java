package ai.llmd.epp.adapter.extproc.dialogue;

import com.google.protobuf.ByteString;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpTrailers;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProtocolConfiguration;
import io.envoyproxy.envoy.service.ext_proc.v3.StreamedBodyResponse;
import java.util.LinkedHashMap;
import java.util.Map;

/** The messages that Envoy sends, and a look into those it gets. */
public final class Messages {

  private Messages() {}

  /**
   * The headers of a request.
   *
   * @param namesAndValues by turns
   */
  public static ProcessingRequest requestHeaders(boolean isLast, String... namesAndValues) {
    return ProcessingRequest.newBuilder()
        .setRequestHeaders(headers(isLast, namesAndValues))
        .build();
  }

  public static ProcessingRequest requestBody(String text, boolean isLast) {
    return requestBody(ByteString.copyFromUtf8(text), isLast);
  }

  public static ProcessingRequest requestBody(ByteString bytes, boolean isLast) {
    return ProcessingRequest.newBuilder().setRequestBody(body(bytes, isLast)).build();
  }

  public static ProcessingRequest requestTrailers() {
    return ProcessingRequest.newBuilder()
        .setRequestTrailers(HttpTrailers.getDefaultInstance())
        .build();
  }

  /**
   * The headers of a response.
   *
   * @param namesAndValues by turns
   */
  public static ProcessingRequest responseHeaders(boolean isLast, String... namesAndValues) {
    return ProcessingRequest.newBuilder()
        .setResponseHeaders(headers(isLast, namesAndValues))
        .build();
  }

  public static ProcessingRequest responseBody(String text, boolean isLast) {
    return responseBody(ByteString.copyFromUtf8(text), isLast);
  }

  public static ProcessingRequest responseBody(ByteString bytes, boolean isLast) {
    return ProcessingRequest.newBuilder().setResponseBody(body(bytes, isLast)).build();
  }

  public static ProcessingRequest responseTrailers() {
    return ProcessingRequest.newBuilder()
        .setResponseTrailers(HttpTrailers.getDefaultInstance())
        .build();
  }

  /** The message, as a stream's first, with the modes of bodies. */
  public static ProcessingRequest inModes(
      BodySendMode request, BodySendMode response, ProcessingRequest first) {
    return first.toBuilder()
        .setProtocolConfig(
            ProtocolConfiguration.newBuilder()
                .setRequestBodyMode(request)
                .setResponseBodyMode(response))
        .build();
  }

  /** The message with a restriction to some endpoints. */
  public static ProcessingRequest withSubset(ProcessingRequest message, String... addresses) {
    ListValue.Builder list = ListValue.newBuilder();
    for (String address : addresses) {
      list.addValues(Value.newBuilder().setStringValue(address));
    }
    return withSubset(message, Value.newBuilder().setListValue(list).build());
  }

  /** The message with a restriction in any form. */
  public static ProcessingRequest withSubset(ProcessingRequest message, Value hint) {
    Struct namespace =
        Struct.newBuilder().putFields("x-gateway-destination-endpoint-subset", hint).build();
    return message.toBuilder()
        .setMetadataContext(
            Metadata.newBuilder().putFilterMetadata("envoy.lb.subset_hint", namespace))
        .build();
  }

  private static HttpHeaders headers(boolean isLast, String... namesAndValues) {
    HeaderMap.Builder map = HeaderMap.newBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.addHeaders(
          HeaderValue.newBuilder()
              .setKey(namesAndValues[i])
              .setRawValue(ByteString.copyFromUtf8(namesAndValues[i + 1])));
    }
    return HttpHeaders.newBuilder().setHeaders(map).setEndOfStream(isLast).build();
  }

  private static HttpBody body(ByteString bytes, boolean isLast) {
    return HttpBody.newBuilder().setBody(bytes).setEndOfStream(isLast).build();
  }

  /** The piece of the request's body that an answer in full duplex sends on. */
  public static StreamedBodyResponse requestChunk(ProcessingResponse answer) {
    return answer.getRequestBody().getResponse().getBodyMutation().getStreamedResponse();
  }

  /** The same of the response's body. */
  public static StreamedBodyResponse responseChunk(ProcessingResponse answer) {
    return answer.getResponseBody().getResponse().getBodyMutation().getStreamedResponse();
  }

  /** The headers that an answer sets, of a repeated one the last. */
  public static Map<String, String> setBy(HeaderMutation mutation) {
    Map<String, String> set = new LinkedHashMap<>();
    for (HeaderValueOption option : mutation.getSetHeadersList()) {
      set.put(option.getHeader().getKey(), option.getHeader().getRawValue().toStringUtf8());
    }
    return set;
  }
}
