package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.HeaderLines;
import ai.llmd.epp.adapter.extproc.message.HeadersToSet;
import ai.llmd.epp.adapter.extproc.message.MessageBytes;
import ai.llmd.epp.domain.routing.ResponseHead;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The headers of one response, with what plugins add to them. One stream's thread. */
final class ReceivedResponse implements ResponseHead {

  private static final String WENT_THROUGH = "x-went-into-resp-headers";
  private static final int USUAL_BYTES = 512;

  /** So few headers are compared with each other sooner than a set is made of them. */
  private static final int FEW = 32;

  private final HeaderLines headers;
  private final Metadata metadata;
  private final int maxEchoed;
  private Map<String, Added> added = Map.of();
  private String queuedMillis = "";

  /** A header that a plugin added, under the name that it gave. */
  private record Added(String name, String value) {}

  /**
   * @param maxEchoed most headers that are set again; of a response with more none is, which
   *     changes nothing for its client
   */
  ReceivedResponse(HeaderLines received, Metadata metadata, int maxEchoed) {
    this.headers = received;
    this.metadata = metadata;
    this.maxEchoed = maxEchoed;
  }

  /** A response of which only the body is shown to the picker. */
  static ReceivedResponse withoutHeaders() {
    return new ReceivedResponse(HeaderLines.NONE, Metadata.getDefaultInstance(), 0);
  }

  @Override
  public @Nullable String header(String lowerCaseName) {
    int line = headers.lastOf(lowerCaseName);
    return line < 0 ? null : headers.text(line);
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
    String lowerCaseName = HeaderLines.lowerCase(name);
    if (SystemHeaders.owns(lowerCaseName)) {
      return;
    }
    if (added.isEmpty()) {
      added = new LinkedHashMap<>();
    }
    added.put(lowerCaseName, new Added(name, value));
  }

  /**
   * Tells the client how long flow control had the request wait.
   *
   * @param millis below 0 when it did not handle the request
   */
  void setQueued(long millis) {
    if (millis >= 0) {
      queuedMillis = Long.toString(millis);
    }
  }

  /** Media types are compared without case (RFC 9110, 8.3.1). */
  boolean isEventStream() {
    String contentType = header("content-type");
    return contentType != null && HeaderLines.lowerCase(contentType).contains("text/event-stream");
  }

  /**
   * Whether a header named {@code status} is anything but 200. Envoy's own {@code :status} does not
   * count, as upstream.
   */
  boolean hasServerFailed() {
    String status = header("status");
    return status != null && !status.equals("200");
  }

  /**
   * Every header again unless there are too many, a marker that the picker processed them, and what
   * plugins added.
   */
  ExtProcResponse answer() {
    MessageBytes message = new MessageBytes(USUAL_BYTES);
    HeadersToSet answer = new HeadersToSet(message);
    for (Added header : new ArrayList<>(added.values()).reversed()) {
      answer.add(header.name(), header.value());
    }
    if (!queuedMillis.isEmpty()) {
      answer.add(SystemHeaders.QUEUE_DURATION, queuedMillis);
    }
    if (headers.size() <= maxEchoed) {
      echo(answer);
    }
    answer.add(WENT_THROUGH, "true");
    message
        .enclose(CommonResponse.HEADER_MUTATION_FIELD_NUMBER, 0)
        .enclose(HeadersResponse.RESPONSE_FIELD_NUMBER, 0)
        .enclose(ProcessingResponse.RESPONSE_HEADERS_FIELD_NUMBER, 0);
    return ExtProcResponse.of(message);
  }

  /** To set one of several cookies would replace the others: what is repeated is left alone. */
  private void echo(HeadersToSet answer) {
    Set<String> repeated = headers.size() > FEW ? headers.repeatedNames() : Set.of();
    for (int i = headers.size() - 1; i >= 0; i--) {
      String name = HeaderLines.lowerCase(headers.name(i));
      boolean isRepeated = headers.size() > FEW ? repeated.contains(name) : isAnotherLike(i);
      if (!isRepeated && !SystemHeaders.owns(name) && !added.containsKey(name)) {
        headers.set(i, headers.name(i), answer);
      }
    }
  }

  private boolean isAnotherLike(int index) {
    String name = headers.name(index);
    for (int i = 0; i < headers.size(); i++) {
      if (i != index && headers.name(i).equalsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }
}
