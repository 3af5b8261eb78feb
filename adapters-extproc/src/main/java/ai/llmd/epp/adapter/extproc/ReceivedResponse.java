package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.domain.routing.ResponseHead;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The headers of one response, with what plugins add to them. One stream's thread. */
final class ReceivedResponse implements ResponseHead {

  private static final HeaderValue WENT_THROUGH =
      HeaderValues.toSet("x-went-into-resp-headers", "true").getHeader();

  private final List<HeaderValue> headers;
  private final Metadata metadata;
  private Map<String, HeaderValue> added = Map.of();

  ReceivedResponse(HeaderMap received, Metadata metadata) {
    this.headers = received.getHeadersList();
    this.metadata = metadata;
  }

  /** A response of which only the body is shown to the picker. */
  static ReceivedResponse withoutHeaders() {
    return new ReceivedResponse(HeaderMap.getDefaultInstance(), Metadata.getDefaultInstance());
  }

  @Override
  public @Nullable String header(String lowerCaseName) {
    HeaderValue header = find(lowerCaseName);
    return header == null ? null : HeaderValues.text(header);
  }

  private @Nullable HeaderValue find(String lowerCaseName) {
    for (int i = headers.size() - 1; i >= 0; i--) {
      if (headers.get(i).getKey().equalsIgnoreCase(lowerCaseName)) {
        return headers.get(i);
      }
    }
    return null;
  }

  @Override
  public @Nullable String metadata(String namespace, String key) {
    Struct struct = metadata.getFilterMetadataMap().get(namespace);
    Value value = struct == null ? null : struct.getFieldsMap().get(key);
    return value != null && value.hasStringValue() ? value.getStringValue() : null;
  }

  @Override
  public boolean hasMetadata(String namespace) {
    return metadata.containsFilterMetadata(namespace);
  }

  @Override
  public void set(String name, String value) {
    String lowerCaseName = HeaderValues.lowerCase(name);
    if (SystemHeaders.owns(lowerCaseName)) {
      return;
    }
    if (added.isEmpty()) {
      added = new LinkedHashMap<>();
    }
    added.put(lowerCaseName, HeaderValues.toSet(name, value).getHeader());
  }

  /** Media types are compared without case (RFC 9110, 8.3.1). */
  boolean isEventStream() {
    String contentType = header("content-type");
    return contentType != null && HeaderValues.lowerCase(contentType).contains("text/event-stream");
  }

  /**
   * Whether a header named {@code status} says anything but 200. Envoy's own {@code :status} does
   * not count, as upstream.
   */
  boolean saysServerFailed() {
    HeaderValue status = find("status");
    return status != null && !status.getRawValue().toStringUtf8().equals("200");
  }

  ProcessingResponse answer() {
    HeaderMutation.Builder answer =
        HeaderMutation.newBuilder().addSetHeaders(HeaderValues.toSet(WENT_THROUGH));
    for (int i = 0; i < headers.size(); i++) {
      HeaderValue header = headers.get(i);
      String name = HeaderValues.lowerCase(header.getKey());
      if (!SystemHeaders.owns(name) && !added.containsKey(name) && !isRepeated(i)) {
        answer.addSetHeaders(HeaderValues.toSet(HeaderValues.asAnswered(header, header.getKey())));
      }
    }
    for (HeaderValue header : added.values()) {
      answer.addSetHeaders(HeaderValues.toSet(header));
    }
    return ProcessingResponse.newBuilder()
        .setResponseHeaders(
            HeadersResponse.newBuilder()
                .setResponse(CommonResponse.newBuilder().setHeaderMutation(answer)))
        .build();
  }

  /** To set one of several cookies would replace the others: what is repeated is left alone. */
  private boolean isRepeated(int index) {
    String name = headers.get(index).getKey();
    for (int i = 0; i < headers.size(); i++) {
      if (i != index && headers.get(i).getKey().equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }
}
