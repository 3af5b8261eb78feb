package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.domain.routing.Termination;
import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * A streamed body in full duplex: each chunk goes on at once, as it came. Of a burst, chunks that
 * were there together, all but the first few go on as one: in this mode Envoy does not care how a
 * body is cut, and a message costs more than what is in it.
 */
final class ChunkedBody implements ResponseBody {

  /** Chunks of one burst that are answered one by one, as the reference answers all. */
  private static final int ANSWERED_ALONE = 4;

  private final StreamObserver<ExtProcResponse> envoy;
  private final Exchange exchange;
  private final boolean readsUsage;
  private final Executor streamExecutor;
  private ByteString gathered = ByteString.EMPTY;
  private boolean hasGathered;

  /** Chunks of the burst that is going on. */
  private int burst;

  /**
   * @param readsUsage false when the chunks are fragments of something that can only be read whole
   * @param streamExecutor runs what it is given when the messages that have come by now have been
   *     handled
   */
  ChunkedBody(
      StreamObserver<ExtProcResponse> envoy,
      Exchange exchange,
      boolean readsUsage,
      Executor streamExecutor) {
    this.envoy = envoy;
    this.exchange = exchange;
    this.readsUsage = readsUsage;
    this.streamExecutor = streamExecutor;
  }

  @Override
  public ResponseBody body(ByteString bytes, boolean isLast) {
    if (readsUsage) {
      exchange.readUsage(bytes);
    }
    gathered = gathered.concat(exchange.renamed(bytes));
    hasGathered = true; // an empty chunk is answered, too
    if (isLast) {
      send(true, exchange.end(Termination.NATURAL));
    } else {
      if (burst++ == 0) {
        streamExecutor.execute(this::endBurst);
      }
      if (burst <= ANSWERED_ALONE || gathered.size() >= Answers.CHUNK_BYTES) {
        release();
      }
    }
    return this;
  }

  private void endBurst() {
    burst = 0;
    release();
  }

  private void send(boolean endsStream, Map<String, Map<String, Object>> metadata) {
    ByteString body = gathered;
    gathered = ByteString.EMPTY;
    hasGathered = false;
    Answers.sendResponseBody(envoy, body, endsStream, metadata);
  }

  @Override
  public void trailers() {
    release();
    Map<String, Map<String, Object>> metadata = exchange.end(Termination.NATURAL);
    envoy.onNext(Answers.RESPONSE_TRAILERS.withMetadata(metadata));
  }

  /** What was gathered is the client's, also when the conversation ends here. */
  @Override
  public void release() {
    if (hasGathered) {
      send(false, Map.of());
    }
  }
}
