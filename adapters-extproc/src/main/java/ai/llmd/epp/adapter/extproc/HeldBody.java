package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.domain.routing.Termination;
import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * A body that is no stream, in full duplex: held back until it is complete, since its usage can
 * only be read as a whole. One too large for that is passed on as it comes.
 */
final class HeldBody implements ResponseBody {

  private final StreamObserver<ExtProcResponse> envoy;
  private final Exchange exchange;
  private final BodyBuffer held;
  private final Executor soon;

  HeldBody(
      StreamObserver<ExtProcResponse> envoy, Exchange exchange, BodyBuffer held, Executor soon) {
    this.envoy = envoy;
    this.exchange = exchange;
    this.held = held;
    this.soon = soon;
  }

  @Override
  public ResponseBody body(ByteString bytes, boolean isLast) {
    if (held.add(bytes) != BodyBuffer.Added.KEPT) {
      return passOn().body(bytes, isLast);
    }
    if (isLast) {
      finish(true);
    }
    return this;
  }

  private ChunkedBody passOn() {
    held.forEach(
        chunk -> Answers.sendResponseBody(envoy, exchange.renamed(chunk), false, Map.of()));
    held.release();
    return new ChunkedBody(envoy, exchange, false, soon);
  }

  @Override
  public void trailers() {
    finish(false);
    envoy.onNext(Answers.RESPONSE_TRAILERS);
  }

  private void finish(boolean endsStream) {
    ByteString whole = held.joined();
    exchange.readUsage(whole);
    Map<String, Map<String, Object>> metadata = exchange.end(Termination.NATURAL);
    Answers.sendResponseBody(envoy, exchange.renamed(whole), endsStream, metadata);
    held.release();
  }

  @Override
  public void release() {
    held.release();
  }
}
