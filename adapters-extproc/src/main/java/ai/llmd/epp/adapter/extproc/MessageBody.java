package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.adapter.extproc.memory.BodyReading;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.HeadersToSet;
import ai.llmd.epp.adapter.extproc.message.MessageBytes;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
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

  private static final int USUAL_BYTES = 256;

  private final StreamObserver<ExtProcResponse> envoy;
  private final Exchange exchange;
  private @Nullable BodyBuffer collected;
  private final boolean isWhole;
  private final boolean isStreaming;
  private final ExtProcStream.Threads threads;
  private @Nullable BodyReading<Optional<Usage>> reading; // while a large body is read

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

  @SuppressWarnings("ReferenceEquality") // the very bytes came back when nothing was renamed
  private ExtProcResponse answer(ByteString bytes) {
    ByteString renamed = exchange.renamed(bytes);
    if (renamed == bytes) {
      return Answers.RESPONSE_BODY_UNCHANGED;
    }
    MessageBytes message = new MessageBytes(USUAL_BYTES, renamed.size());
    message
        .enclose(BodyMutation.BODY_FIELD_NUMBER, 0)
        .enclose(CommonResponse.BODY_MUTATION_FIELD_NUMBER, 0);
    if (isWhole) { // Envoy refuses a body of another length
      int mark = message.written();
      new HeadersToSet(message).add(RouteAnswer.CONTENT_LENGTH, Integer.toString(renamed.size()));
      message.enclose(CommonResponse.HEADER_MUTATION_FIELD_NUMBER, mark);
    }
    message
        .enclose(BodyResponse.RESPONSE_FIELD_NUMBER, 0)
        .enclose(ProcessingResponse.RESPONSE_BODY_FIELD_NUMBER, 0);
    return ExtProcResponse.of(message, renamed);
  }

  @Override
  public void trailers() {
    finish(Answers.RESPONSE_TRAILERS);
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
