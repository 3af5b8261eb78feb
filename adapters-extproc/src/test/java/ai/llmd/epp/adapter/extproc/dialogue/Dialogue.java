package ai.llmd.epp.adapter.extproc.dialogue;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One stream to an endpoint picker, as Envoy would open it. One test's thread. */
public final class Dialogue {

  private static final Duration PATIENCE = Duration.ofSeconds(60); // for a machine that is busy

  private final ClientCall<ProcessingRequest, ProcessingResponse> call;
  private final BlockingQueue<ProcessingResponse> answers = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  private Dialogue(ClientCall<ProcessingRequest, ProcessingResponse> call) {
    this.call = call;
  }

  public static Dialogue open(Channel channel) {
    Dialogue dialogue =
        new Dialogue(
            channel.newCall(
                ExternalProcessorGrpc.getProcessMethod(),
                CallOptions.DEFAULT.withMaxInboundMessageSize(64 << 20)));
    dialogue.start();
    return dialogue;
  }

  private void start() {
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(ProcessingResponse answer) {
            answers.add(answer);
            call.request(1);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.request(1);
  }

  public Dialogue send(ProcessingRequest message) {
    call.sendMessage(message);
    return this;
  }

  /** The next answer; fails when none comes. */
  public ProcessingResponse next() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      ProcessingResponse answer = poll(Duration.ofMillis(50));
      if (answer != null) {
        return answer;
      }
      if (end.isDone() && answers.isEmpty()) {
        throw new AssertionError("the stream ended instead of answering: " + end.join());
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("no answer within " + PATIENCE);
      }
    }
  }

  private @Nullable ProcessingResponse poll(Duration wait) {
    try {
      return answers.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  public Dialogue halfClose() {
    call.halfClose();
    return this;
  }

  public void cancel() {
    call.cancel("the client went away", null);
  }

  /** How the stream ended; fails when it does not, or when answers were left over. */
  public Status end() {
    Status status = endDespiteAnswers();
    if (!answers.isEmpty()) {
      throw new AssertionError("unexpected answer: " + answers.peek());
    }
    return status;
  }

  /** How the stream ended, whatever came before. */
  public Status endDespiteAnswers() {
    try {
      return end.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("the stream did not end within " + PATIENCE, e);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
