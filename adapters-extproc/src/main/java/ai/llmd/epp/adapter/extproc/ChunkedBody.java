package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.domain.routing.Termination;
import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.util.Map;

/** A streamed body in full duplex: each chunk goes on at once. */
final class ChunkedBody implements ResponseBody {

  private final StreamObserver<Answer> envoy;
  private final Exchange exchange;
  private final boolean readsUsage;

  /**
   * @param readsUsage false when the chunks are fragments of something that can only be read whole
   */
  ChunkedBody(StreamObserver<Answer> envoy, Exchange exchange, boolean readsUsage) {
    this.envoy = envoy;
    this.exchange = exchange;
    this.readsUsage = readsUsage;
  }

  @Override
  public ResponseBody body(ByteString bytes, boolean isLast) {
    if (readsUsage) {
      exchange.readUsage(bytes);
    }
    Map<String, Map<String, Object>> metadata =
        isLast ? exchange.end(Termination.NATURAL) : Map.of();
    Answers.sendResponseBody(envoy, exchange.renamed(bytes), isLast, metadata);
    return this;
  }

  @Override
  public void trailers() {
    Map<String, Map<String, Object>> metadata = exchange.end(Termination.NATURAL);
    envoy.onNext(Answers.RESPONSE_TRAILERS.withMetadata(metadata));
  }
}
