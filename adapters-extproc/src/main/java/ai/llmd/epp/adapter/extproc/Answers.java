package ai.llmd.epp.adapter.extproc;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.StreamedBodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.TrailersResponse;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds the messages that Envoy gets. Those that never change are built once. */
final class Answers {

  /** Most bytes of one body chunk; Envoy refuses larger ones. */
  static final int CHUNK_BYTES = 62_000;

  static final ProcessingResponse REQUEST_HEADERS_UNCHANGED =
      ProcessingResponse.newBuilder()
          .setRequestHeaders(HeadersResponse.getDefaultInstance())
          .build();

  static final ProcessingResponse REQUEST_TRAILERS =
      ProcessingResponse.newBuilder()
          .setRequestTrailers(TrailersResponse.getDefaultInstance())
          .build();

  static final ProcessingResponse RESPONSE_TRAILERS =
      ProcessingResponse.newBuilder()
          .setResponseTrailers(TrailersResponse.getDefaultInstance())
          .build();

  static final ProcessingResponse RESPONSE_BODY_UNCHANGED =
      ProcessingResponse.newBuilder().setResponseBody(BodyResponse.getDefaultInstance()).build();

  private static final ProcessingResponse LAST_RESPONSE_CHUNK =
      ProcessingResponse.newBuilder().setResponseBody(chunk(ByteString.EMPTY, true)).build();

  private Answers() {}

  /** A whole request body in chunks; an empty one is one empty chunk. */
  static void sendRequestBody(
      StreamObserver<ProcessingResponse> envoy, ByteString body, boolean endsStream) {
    int from = 0;
    while (body.size() - from > CHUNK_BYTES) {
      envoy.onNext(requestChunk(body.substring(from, from + CHUNK_BYTES), false));
      from += CHUNK_BYTES;
    }
    envoy.onNext(requestChunk(from == 0 ? body : body.substring(from), endsStream));
  }

  /**
   * A response body, or a piece of it, in chunks; an empty one is one empty chunk.
   *
   * @param metadata goes with the last chunk; empty when there is none
   */
  static void sendResponseBody(
      StreamObserver<ProcessingResponse> envoy,
      ByteString body,
      boolean endsStream,
      Map<String, Map<String, Object>> metadata) {
    int from = 0;
    while (body.size() - from > CHUNK_BYTES) {
      envoy.onNext(responseChunk(body.substring(from, from + CHUNK_BYTES), false));
      from += CHUNK_BYTES;
    }
    envoy.onNext(
        withMetadata(responseChunk(from == 0 ? body : body.substring(from), endsStream), metadata));
  }

  private static ProcessingResponse requestChunk(ByteString bytes, boolean endsStream) {
    return ProcessingResponse.newBuilder().setRequestBody(chunk(bytes, endsStream)).build();
  }

  private static ProcessingResponse responseChunk(ByteString bytes, boolean endsStream) {
    if (endsStream && bytes.isEmpty()) {
      return LAST_RESPONSE_CHUNK;
    }
    return ProcessingResponse.newBuilder().setResponseBody(chunk(bytes, endsStream)).build();
  }

  private static BodyResponse chunk(ByteString bytes, boolean endsStream) {
    return BodyResponse.newBuilder()
        .setResponse(
            CommonResponse.newBuilder()
                .setBodyMutation(
                    BodyMutation.newBuilder()
                        .setStreamedResponse(
                            StreamedBodyResponse.newBuilder()
                                .setBody(bytes)
                                .setEndOfStream(endsStream))))
        .build();
  }

  /** The answer with metadata for the gateway; the very answer when there is none. */
  static ProcessingResponse withMetadata(
      ProcessingResponse answer, Map<String, Map<String, Object>> metadata) {
    if (metadata.isEmpty()) {
      return answer;
    }
    Struct.Builder namespaces = Struct.newBuilder();
    metadata.forEach(
        (namespace, keys) -> {
          Struct.Builder fields = Struct.newBuilder();
          keys.forEach((key, value) -> fields.putFields(key, value(value)));
          namespaces.putFields(namespace, Value.newBuilder().setStructValue(fields).build());
        });
    return answer.toBuilder().setDynamicMetadata(namespaces).build();
  }

  private static Value value(@Nullable Object value) {
    return value instanceof Number number
        ? Value.newBuilder().setNumberValue(number.doubleValue()).build()
        : Value.newBuilder().setStringValue(String.valueOf(value)).build();
  }
}
