package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.domain.routing.Termination;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A body whose messages Envoy holds until each is answered. An answer is "unchanged" unless a model
 * has to be renamed. What is no stream is collected beside that, to read its usage.
 */
final class MessageBody implements ResponseBody {

  private final StreamObserver<ExtProcResponse> envoy;
  private final Exchange exchange;
  private @Nullable BodyBuffer collected;
  private final boolean isWhole;
  private final boolean isStreaming;

  /**
   * @param isWhole whether the body comes in one message, with headers that can still be changed
   */
  MessageBody(
      StreamObserver<ExtProcResponse> envoy,
      Exchange exchange,
      BodyBuffer collected,
      boolean isWhole) {
    this.envoy = envoy;
    this.exchange = exchange;
    this.isWhole = isWhole;
    this.isStreaming = exchange.isStreaming();
    this.collected = isStreaming ? null : collected;
  }

  @Override
  public ResponseBody body(ByteString bytes, boolean isLast) {
    if (isStreaming) {
      exchange.readUsage(bytes);
    } else if (collected != null && collected.add(bytes) != BodyBuffer.Added.KEPT) {
      release();
      collected = null;
    }
    Map<String, Map<String, Object>> metadata = isLast ? finish() : Map.of();
    envoy.onNext(answer(bytes).withMetadata(metadata));
    return this;
  }

  private ExtProcResponse answer(ByteString bytes) {
    ByteString renamed = exchange.renamed(bytes);
    if (renamed.equals(bytes)) {
      return Answers.RESPONSE_BODY_UNCHANGED;
    }
    CommonResponse.Builder common =
        CommonResponse.newBuilder().setBodyMutation(BodyMutation.newBuilder().setBody(renamed));
    if (isWhole) { // Envoy refuses a body of another length
      String length = Integer.toString(renamed.size());
      common.setHeaderMutation(
          HeaderMutation.newBuilder()
              .addSetHeaders(ErrorResponse.header(RouteAnswer.CONTENT_LENGTH, length)));
    }
    return ExtProcResponse.of(
        ProcessingResponse.newBuilder()
            .setResponseBody(BodyResponse.newBuilder().setResponse(common))
            .build());
  }

  @Override
  public void trailers() {
    envoy.onNext(Answers.RESPONSE_TRAILERS.withMetadata(finish()));
  }

  private Map<String, Map<String, Object>> finish() {
    if (collected != null) {
      exchange.readUsage(collected.joined());
      release();
    }
    return exchange.end(Termination.NATURAL);
  }

  @Override
  public void release() {
    if (collected != null) {
      collected.release();
    }
  }
}
