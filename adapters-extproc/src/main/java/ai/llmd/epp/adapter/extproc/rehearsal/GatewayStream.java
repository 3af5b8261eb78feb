package ai.llmd.epp.adapter.extproc.rehearsal;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One stream to an endpoint picker, as Envoy opens it. One thread. */
final class GatewayStream extends ClientCall.Listener<ProcessingResponse> {

  private static final int TIMEOUT_SECONDS = 60;
  private static final int POLL_MILLIS = 50;

  private final ClientCall<ProcessingRequest, ProcessingResponse> call;
  private final BlockingQueue<ProcessingResponse> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  private GatewayStream(ClientCall<ProcessingRequest, ProcessingResponse> call) {
    this.call = call;
  }

  static GatewayStream open(Channel picker) {
    var stream =
        new GatewayStream(
            picker.newCall(ExternalProcessorGrpc.getProcessMethod(), CallOptions.DEFAULT));
    stream.call.start(stream, new Metadata());
    stream.call.request(1);
    return stream;
  }

  @Override
  public void onMessage(ProcessingResponse answer) {
    answers.add(answer);
    call.request(1);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    end.complete(status);
  }

  GatewayStream send(ProcessingRequest message) {
    call.sendMessage(message);
    return this;
  }

  /** The next answer; fails when the stream ends or stays silent. */
  ProcessingResponse next() {
    for (int i = 0; i < TIMEOUT_SECONDS * 1_000 / POLL_MILLIS; i++) {
      boolean hasEnded = end.isDone(); // read first: all answers come before the end
      ProcessingResponse answer = poll();
      if (answer != null) {
        return answer;
      }
      if (hasEnded) {
        throw new IllegalStateException("the stream ended instead of answering: " + end.join());
      }
    }
    throw new IllegalStateException("no answer within " + TIMEOUT_SECONDS + " s");
  }

  private @Nullable ProcessingResponse poll() {
    try {
      return answers.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  GatewayStream halfClose() {
    call.halfClose();
    return this;
  }

  GatewayStream cancel() {
    call.cancel("the client went away", null);
    return this;
  }

  /** Waits for the end, whatever answers are left. */
  void awaitEnd() {
    end.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
  }
}
