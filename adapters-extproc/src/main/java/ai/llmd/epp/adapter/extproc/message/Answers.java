package ai.llmd.epp.adapter.extproc.message;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.StreamedBodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.TrailersResponse;
import io.grpc.stub.StreamObserver;
import java.util.Map;

/** Builds the messages that Envoy gets. Those that never change are built once. */
public final class Answers {

  /** Most bytes of one body chunk; Envoy refuses larger ones. */
  public static final int CHUNK_BYTES = 62_000;

  private static final int MAX_BEFORE_CHUNK = 48;

  public static final ExtProcResponse REQUEST_HEADERS_UNCHANGED =
      ExtProcResponse.of(
          ProcessingResponse.newBuilder()
              .setRequestHeaders(HeadersResponse.getDefaultInstance())
              .build());

  public static final ExtProcResponse REQUEST_BODY_UNCHANGED =
      ExtProcResponse.of(
          ProcessingResponse.newBuilder()
              .setRequestBody(BodyResponse.getDefaultInstance())
              .build());

  public static final ExtProcResponse REQUEST_TRAILERS =
      ExtProcResponse.of(
          ProcessingResponse.newBuilder()
              .setRequestTrailers(TrailersResponse.getDefaultInstance())
              .build());

  public static final ExtProcResponse RESPONSE_TRAILERS =
      ExtProcResponse.of(
          ProcessingResponse.newBuilder()
              .setResponseTrailers(TrailersResponse.getDefaultInstance())
              .build());

  public static final ExtProcResponse RESPONSE_BODY_UNCHANGED =
      ExtProcResponse.of(
          ProcessingResponse.newBuilder()
              .setResponseBody(BodyResponse.getDefaultInstance())
              .build());

  private static final ExtProcResponse LAST_RESPONSE_CHUNK =
      chunk(ProcessingResponse.RESPONSE_BODY_FIELD_NUMBER, ByteString.EMPTY, true);

  private Answers() {}

  /** A whole request body, or a piece of it, in chunks; an empty one is one empty chunk. */
  public static void sendRequestBody(
      StreamObserver<ExtProcResponse> envoy, ByteString body, boolean endsStream) {
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
  public static void sendResponseBody(
      StreamObserver<ExtProcResponse> envoy,
      ByteString body,
      boolean endsStream,
      Map<String, Map<String, Object>> metadata) {
    int from = 0;
    while (body.size() - from > CHUNK_BYTES) {
      envoy.onNext(responseChunk(body.substring(from, from + CHUNK_BYTES), false));
      from += CHUNK_BYTES;
    }
    envoy.onNext(
        responseChunk(from == 0 ? body : body.substring(from), endsStream).withMetadata(metadata));
  }

  private static ExtProcResponse requestChunk(ByteString bytes, boolean endsStream) {
    return chunk(ProcessingResponse.REQUEST_BODY_FIELD_NUMBER, bytes, endsStream);
  }

  private static ExtProcResponse responseChunk(ByteString bytes, boolean endsStream) {
    return endsStream && bytes.isEmpty()
        ? LAST_RESPONSE_CHUNK
        : chunk(ProcessingResponse.RESPONSE_BODY_FIELD_NUMBER, bytes, endsStream);
  }

  static ExtProcResponse chunk(int field, ByteString bytes, boolean endsStream) {
    MessageBytes message = new MessageBytes(MAX_BEFORE_CHUNK, bytes.size());
    message.enclose(StreamedBodyResponse.BODY_FIELD_NUMBER, 0);
    if (endsStream) {
      message.isTrue(StreamedBodyResponse.END_OF_STREAM_FIELD_NUMBER);
    }
    message
        .enclose(BodyMutation.STREAMED_RESPONSE_FIELD_NUMBER, 0)
        .enclose(CommonResponse.BODY_MUTATION_FIELD_NUMBER, 0)
        .enclose(BodyResponse.RESPONSE_FIELD_NUMBER, 0)
        .enclose(field, 0);
    return ExtProcResponse.chunk(field, message, bytes, endsStream);
  }
}
