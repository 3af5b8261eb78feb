package ai.llmd.epp.adapter.extproc;

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
  private final Executor soon;
  private final ExtProcStream.Threads threads;
  private @Nullable BodyReading<WholeBody> reading; // while a large body is read
  private boolean owesTrailers;

  /**
   * A body that was read.
   *
   * @param forClient as the client shall see it; null when there was no room to read it
   */
  private record WholeBody(@Nullable ByteString forClient, Optional<Usage> usage) {}

  HeldBody(
      StreamObserver<ExtProcResponse> envoy,
      Exchange exchange,
      BodyBuffer held,
      Executor soon,
      ExtProcStream.Threads threads) {
    this.envoy = envoy;
    this.exchange = exchange;
    this.held = held;
    this.soon = soon;
    this.threads = threads;
  }

  @Override
  public ResponseBody body(ByteString bytes, boolean isLast) {
    if (reading != null) {
      return this; // it came behind the end
    }
    if (held.add(bytes) != BodyBuffer.Added.KEPT) {
      passOn();
      return new ChunkedBody(envoy, exchange, false, soon).body(bytes, isLast);
    }
    if (isLast) {
      finish(true);
    }
    return this;
  }

  private void passOn() {
    List<ByteString> chunks = new ArrayList<>();
    held.forEach(chunks::add);
    held.release(); // what is not written at once is counted by the sender
    for (ByteString chunk : chunks) {
      Answers.sendResponseBody(envoy, exchange.renamed(chunk), false, Map.of());
    }
  }

  @Override
  public void trailers() {
    owesTrailers = true;
    if (reading == null) {
      finish(false);
    }
  }

  private void finish(boolean endsStream) {
    Function<ByteString, Optional<Usage>> usage = exchange.giveUsageReader();
    if (!held.isLarge()) {
      send(read(usage), endsStream);
      return;
    }
    reading =
        new BodyReading<>(
            () -> read(usage),
            held,
            threads.stream(),
            outcome -> {
              reading = null;
              send(outcome.value(), endsStream);
            },
            _ -> {});
    reading.begin(threads.beside());
  }

  /** Any thread, as long as no other one uses the body. */
  private WholeBody read(Function<ByteString, Optional<Usage>> usage) {
    ByteString whole = held.joined();
    return whole == null
        ? new WholeBody(null, Optional.empty())
        : new WholeBody(exchange.renamed(whole), usage.apply(whole));
  }

  private void send(WholeBody body, boolean endsStream) {
    exchange.reported(body.usage());
    Map<String, Map<String, Object>> metadata = exchange.end(Termination.NATURAL);
    ByteString forClient = body.forClient();
    if (forClient == null) {
      passOn();
      forClient = ByteString.EMPTY;
    }
    held.release();
    Answers.sendResponseBody(envoy, forClient, endsStream, metadata);
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
    } else {
      held.release();
    }
  }
}
