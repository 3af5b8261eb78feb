package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.Function;
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
  private final ExtProcStream.Threads threads;
  private @Nullable BodyReading<Optional<Usage>> reading; // while a large body is read
  private boolean owesTrailers;

  /**
   * @param isWhole whether the body comes in one message, with headers that can still be changed
   */
  MessageBody(
      StreamObserver<ExtProcResponse> envoy,
      Exchange exchange,
      BodyBuffer collected,
      boolean isWhole,
      ExtProcStream.Threads threads) {
    this.envoy = envoy;
    this.exchange = exchange;
    this.isWhole = isWhole;
    this.threads = threads;
    this.isStreaming = exchange.isStreaming();
    this.collected = isStreaming ? null : collected;
  }

  @Override
  public ResponseBody body(ByteString bytes, boolean isLast) {
    if (reading != null) {
      return this; // it came behind the end
    }
    if (isStreaming) {
      exchange.readUsage(bytes);
    } else if (collected != null && collected.add(bytes) != BodyBuffer.Added.KEPT) {
      release();
      collected = null;
    }
    if (isLast) {
      finish(answer(bytes));
    } else {
      envoy.onNext(answer(bytes));
    }
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
    if (reading == null) {
      finish(Answers.RESPONSE_TRAILERS);
    } else {
      owesTrailers = true;
    }
  }

  /**
   * @param last the answer to the message that ends the response
   */
  private void finish(ExtProcResponse last) {
    BodyBuffer body = collected;
    if (body == null) {
      send(last);
      return;
    }
    Function<ByteString, Optional<Usage>> usage = exchange.giveUsageReader();
    if (!body.isLarge()) {
      exchange.reported(read(body, usage));
      send(last);
      return;
    }
    reading =
        new BodyReading<>(
            () -> read(body, usage),
            body,
            threads.stream(),
            outcome -> {
              reading = null;
              exchange.reported(outcome.value());
              send(last);
            },
            _ -> {});
    reading.begin(threads.beside());
  }

  /** Any thread, as long as no other one uses the body. Nothing when there is no room. */
  private static Optional<Usage> read(
      BodyBuffer body, Function<ByteString, Optional<Usage>> usage) {
    ByteString whole = body.joined();
    return whole == null ? Optional.empty() : usage.apply(whole);
  }

  private void send(ExtProcResponse last) {
    release();
    envoy.onNext(last.withMetadata(exchange.end(Termination.NATURAL)));
    if (owesTrailers) {
      envoy.onNext(Answers.RESPONSE_TRAILERS);
    }
  }

  @Override
  public boolean isBeingRead() {
    return reading != null;
  }

  @Override
  public void release() {
    if (reading != null) {
      reading.abandon(); // releases it when it was read
    } else if (collected != null) {
      collected.release();
    }
  }
}
