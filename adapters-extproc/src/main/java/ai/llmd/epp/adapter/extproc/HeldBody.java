package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.adapter.extproc.memory.BodyReading;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A body that is no stream, in full duplex: held back until it is complete, since its usage can
 * only be read as a whole; of a large one, on another thread. One too large to be held is passed on
 * as it comes.
 */
final class HeldBody implements ResponseBody {

  private final StreamObserver<ExtProcResponse> envoy;
  private final Exchange exchange;
  private final BodyBuffer held;
  private final Executor streamExecutor;
  private final ExtProcStream.Threads threads;
  private @Nullable BodyReading<?> reading; // while what is held is read on another thread
  private @Nullable ChunkedBody passing; // takes what comes of a body that is too large
  private boolean hasTrailers;

  /**
   * A body that was read.
   *
   * @param forClient as the client shall see it, in one piece if there was room for that
   */
  private record WholeBody(List<ByteString> forClient, Optional<Usage> usage) {}

  HeldBody(
      StreamObserver<ExtProcResponse> envoy,
      Exchange exchange,
      BodyBuffer held,
      Executor streamExecutor,
      ExtProcStream.Threads threads) {
    this.envoy = envoy;
    this.exchange = exchange;
    this.held = held;
    this.streamExecutor = streamExecutor;
    this.threads = threads;
  }

  @Override
  public ResponseBody body(ByteString bytes, boolean isLast) {
    if (passing != null) {
      return passing.body(bytes, isLast);
    }
    if (held.add(bytes) != BodyBuffer.Added.KEPT) {
      return passOn(bytes, isLast);
    }
    if (isLast) {
      finish(true);
    }
    return this;
  }

  /** It cannot be held: what has come goes on, and so does what will come. */
  private ResponseBody passOn(ByteString bytes, boolean isLast) {
    ChunkedBody rest = new ChunkedBody(envoy, exchange, false, streamExecutor);
    if (!exchange.isRenaming()) {
      sendHeld(pieces());
      return rest.body(bytes, isLast);
    }
    passing = rest;
    BodyReading<List<ByteString>> renaming =
        new BodyReading<>(
            () ->
                Stream.concat(pieces().stream(), Stream.of(bytes)).map(exchange::renamed).toList(),
            held,
            threads.stream(),
            outcome -> {
              reading = null;
              sendHeld(outcome.value());
              if (isLast) {
                rest.body(ByteString.EMPTY, true);
              }
            },
            _ -> {});
    reading = renaming;
    renaming.begin(threads.beside());
    return this;
  }

  private List<ByteString> pieces() {
    List<ByteString> pieces = new ArrayList<>();
    held.forEach(pieces::add);
    return pieces;
  }

  private void sendHeld(List<ByteString> pieces) {
    held.release(); // what is not written at once is counted by the sender
    for (ByteString piece : pieces) {
      Answers.sendResponseBody(envoy, piece, false, Map.of());
    }
  }

  @Override
  public boolean isReadByPieces() {
    return passing != null;
  }

  @Override
  public void trailers() {
    if (passing != null) {
      passing.trailers();
    } else {
      hasTrailers = true;
      finish(false);
    }
  }

  private void finish(boolean endsStream) {
    Function<ByteString, Optional<Usage>> usage = exchange.giveUsageReader();
    if (!held.isLarge()) {
      send(read(usage), endsStream);
      return;
    }
    BodyReading<WholeBody> whole =
        new BodyReading<>(
            () -> read(usage),
            held,
            threads.stream(),
            outcome -> {
              reading = null;
              send(outcome.value(), endsStream);
            },
            _ -> {});
    reading = whole;
    whole.begin(threads.beside());
  }

  /** Any thread, as long as no other one uses the body. */
  private WholeBody read(Function<ByteString, Optional<Usage>> usage) {
    ByteString whole = held.joined();
    return whole == null
        ? new WholeBody(pieces().stream().map(exchange::renamed).toList(), Optional.empty())
        : new WholeBody(List.of(exchange.renamed(whole)), usage.apply(whole));
  }

  private void send(WholeBody body, boolean endsStream) {
    exchange.reported(body.usage());
    Map<String, Map<String, Object>> metadata = exchange.end(Termination.NATURAL);
    List<ByteString> pieces = body.forClient();
    sendHeld(pieces.subList(0, pieces.size() - 1));
    Answers.sendResponseBody(envoy, pieces.getLast(), endsStream, metadata);
    if (hasTrailers) {
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
      return;
    }
    held.release();
    if (passing != null) {
      passing.release();
    }
  }
}
