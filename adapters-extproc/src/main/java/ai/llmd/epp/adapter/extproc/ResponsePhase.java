package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.BodyModes.ForResponse;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.HeaderLines;
import ai.llmd.epp.domain.routing.Termination;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The second half of a conversation: shows the response to the use case on its way to the client.
 * Messages after its end, or headers that come twice, change nothing. One stream's thread.
 */
final class ResponsePhase {

  private final ExtProcParts parts;
  private final StreamObserver<ExtProcResponse> envoy;
  private final ForResponse mode;
  private final Exchange exchange;
  private final BufferedBytes bufferedBytes;
  private final Executor soon;
  private final ExtProcStream.Threads threads;
  private @Nullable ResponseBody body;
  private boolean hasServerFailed;
  private boolean hasTrailers;
  private long beganAtNanos;
  private long processingNanos;

  /**
   * @param soon runs what it is given when the messages that have come by now have been handled
   * @param threads run what takes long, and what comes of it, guarded
   */
  ResponsePhase(
      ExtProcParts parts,
      BufferedBytes bufferedBytes,
      StreamObserver<ExtProcResponse> envoy,
      ForResponse mode,
      Exchange exchange,
      Executor soon,
      ExtProcStream.Threads threads) {
    this.parts = parts;
    this.bufferedBytes = bufferedBytes;
    this.envoy = envoy;
    this.mode = mode;
    this.exchange = exchange;
    this.soon = soon;
    Executor later = step -> threads.stream().execute(() -> runAndCount(step));
    this.threads = new ExtProcStream.Threads(later, threads.beside());
  }

  Exchange exchange() {
    return exchange;
  }

  void headers(HeaderLines received, boolean endsStream, Metadata metadata) {
    if (body != null || exchange.hasEnded()) {
      return;
    }
    ReceivedResponse head = new ReceivedResponse(received, metadata, parts.limits().headers());
    begin(head);
    if (mode == ForResponse.NONE) {
      exchange.firstBytes(); // nothing closer to them will be seen
    }
    envoy.onNext(
        endsStream ? head.answer().withMetadata(exchange.end(Termination.NATURAL)) : head.answer());
    if (exchange.isStreaming() || endsStream) {
      processingNanos += parts.nanoClock().getAsLong() - beganAtNanos;
    }
  }

  private ResponseBody begin(ReceivedResponse head) {
    beganAtNanos = parts.nanoClock().getAsLong();
    hasServerFailed = head.hasServerFailed();
    exchange.headers(head, head.isEventStream());
    head.setQueued(exchange.queuedMillis());
    ResponseBody began = bodyOf();
    body = began;
    return began;
  }

  private ResponseBody bodyOf() {
    return switch (mode) {
      case STREAMED -> new MessageBody(envoy, exchange, buffer(), false, threads);
      case BUFFERED -> new MessageBody(envoy, exchange, buffer(), true, threads);
      case NONE -> new ChunkedBody(envoy, exchange, true, soon);
      case DUPLEX ->
          exchange.isStreaming()
              ? new ChunkedBody(envoy, exchange, true, soon)
              : new HeldBody(envoy, exchange, buffer(), soon, threads);
    };
  }

  private BodyBuffer buffer() {
    return new BodyBuffer(parts.limits().responseBytes(), bufferedBytes);
  }

  void body(ByteString piece, boolean endsStream) {
    if (exchange.hasEnded()) {
      return;
    }
    long startedAtNanos = parts.nanoClock().getAsLong();
    ResponseBody current = body == null ? begin(ReceivedResponse.withoutHeaders()) : body;
    exchange.received(piece, startedAtNanos);
    body = current.body(piece, endsStream);
    countProcessing(startedAtNanos);
  }

  void trailers() {
    if (hasTrailers) {
      return;
    }
    hasTrailers = true;
    if (exchange.hasEnded()) {
      envoy.onNext(Answers.RESPONSE_TRAILERS);
      return;
    }
    long startedAtNanos = parts.nanoClock().getAsLong();
    ResponseBody current = body == null ? begin(ReceivedResponse.withoutHeaders()) : body;
    current.trailers();
    countProcessing(startedAtNanos);
  }

  private void runAndCount(Runnable step) {
    step.run();
    countProcessing(beganAtNanos);
  }

  /** A stream costs the time spent on its chunks, anything else the time until it is complete. */
  private void countProcessing(long startedAtNanos) {
    long nowNanos = parts.nanoClock().getAsLong();
    if (exchange.isStreaming()) {
      processingNanos += nowNanos - startedAtNanos;
    } else if (exchange.hasEnded()) {
      processingNanos = nowNanos - beganAtNanos;
    }
  }

  /** Whether it is complete, and its answer waits for a large body to be read. */
  boolean isBeingRead() {
    return body != null && body.isBeingRead();
  }

  /** Whether the response may end without another message: its body is not shown. */
  boolean endsWithStream() {
    return mode == ForResponse.NONE && body != null;
  }

  boolean hasServerFailed() {
    return hasServerFailed;
  }

  long processingNanos() {
    return processingNanos;
  }

  void release() {
    if (body != null) {
      body.release();
    }
  }
}
