package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.BodyModes.ForResponse;
import ai.llmd.epp.adapter.extproc.Exchange.ReadPiece;
import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.adapter.extproc.memory.BodyReading;
import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.HeaderLines;
import ai.llmd.epp.domain.routing.Termination;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
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
  private final Executor streamExecutor;
  private final ExtProcStream.Threads threads;
  private @Nullable ResponseBody body;
  private @Nullable BodyReading<ReadPiece> reading; // of a large piece
  private boolean hasServerFailed;
  private boolean hasTrailers;
  private long beganAtNanos;
  private long processingNanos;

  /**
   * @param streamExecutor runs what it is given when the messages that have come by now have been
   *     handled
   * @param threads run what takes long, and what comes of it, guarded
   */
  ResponsePhase(
      ExtProcParts parts,
      BufferedBytes bufferedBytes,
      StreamObserver<ExtProcResponse> envoy,
      ForResponse mode,
      Exchange exchange,
      Executor streamExecutor,
      ExtProcStream.Threads threads) {
    this.parts = parts;
    this.bufferedBytes = bufferedBytes;
    this.envoy = envoy;
    this.mode = mode;
    this.exchange = exchange;
    this.streamExecutor = streamExecutor;
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
      case NONE -> new ChunkedBody(envoy, exchange, true, streamExecutor);
      case DUPLEX ->
          exchange.isStreaming()
              ? new ChunkedBody(envoy, exchange, true, streamExecutor)
              : new HeldBody(envoy, exchange, buffer(), streamExecutor, threads);
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
    body = current;
    boolean hasUsage = exchange.isStreaming();
    if (piece.size() > BodyBuffer.LARGE
        && current.isReadByPieces()
        && (hasUsage || exchange.isRenaming())) {
      readBeside(piece, hasUsage, endsStream);
    } else {
      body = current.body(piece, endsStream);
    }
    countProcessing(startedAtNanos);
  }

  /** A large piece is read on another thread, and takes its turn when that is done. */
  private void readBeside(ByteString piece, boolean hasUsage, boolean endsStream) {
    BodyBuffer counted = BodyBuffer.holding(piece, bufferedBytes);
    BodyReading<ReadPiece> ahead =
        new BodyReading<>(
            exchange.readerOf(piece, hasUsage),
            counted,
            threads.stream(),
            outcome -> {
              reading = null;
              counted.release();
              take(outcome.value(), endsStream);
            },
            _ -> {});
    reading = ahead;
    ahead.begin(threads.beside());
  }

  private void take(ReadPiece read, boolean endsStream) {
    ResponseBody current = Objects.requireNonNull(body, "it has begun");
    exchange.setAhead(read);
    try {
      body = current.body(read.piece(), endsStream);
    } finally {
      exchange.clearAhead();
    }
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

  /** Whether something large is being read on another thread, for which all that follows waits. */
  boolean isBeingRead() {
    return reading != null || (body != null && body.isBeingRead());
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
    if (reading != null) {
      reading.abandon(); // gives its room back when it was read
    }
    if (body != null) {
      body.release();
    }
  }
}
