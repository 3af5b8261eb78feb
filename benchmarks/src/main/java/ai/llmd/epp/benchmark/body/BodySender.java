package ai.llmd.epp.benchmark.body;

import ai.llmd.epp.benchmark.Messages;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;

/**
 * One request with a body, in messages of a size, as fast as the picker takes them; over once it
 * has been answered. Who begins it and the event loop that answers take turns.
 */
final class BodySender extends ClientCall.Listener<ProcessingResponse> {

  private static final int MAX_ANSWERS = 1_000_000;

  private final ClientCall<ProcessingRequest, ProcessingResponse> call;
  private final ByteString body;
  private final int messageBytes;
  private final CompletableFuture<String> outcome = new CompletableFuture<>();
  private int sent;
  private boolean isAnswered;
  private String answer = "";

  private BodySender(Channel picker, byte[] body, int messageBytes) {
    this.call = picker.newCall(ExternalProcessorGrpc.getProcessMethod(), CallOptions.DEFAULT);
    this.body = UnsafeByteOperations.unsafeWrap(body);
    this.messageBytes = messageBytes;
  }

  /** Sends it; what it came to: {@code routed}, a status of HTTP, or one of gRPC. */
  static CompletableFuture<String> send(
      Channel picker, String path, byte[] body, int messageBytes) {
    BodySender sender = new BodySender(picker, body, messageBytes);
    sender.start(path);
    return sender.outcome;
  }

  private synchronized void start(String path) {
    call.start(this, new Metadata());
    call.request(MAX_ANSWERS);
    call.sendMessage(Messages.requestHeaders(path, "r", body.size()));
    sendOn();
  }

  @Override
  public synchronized void onReady() {
    sendOn();
  }

  private void sendOn() {
    while (!isAnswered && sent < body.size() && call.isReady()) {
      int to = Math.min(sent + messageBytes, body.size());
      call.sendMessage(Messages.requestBody(body.substring(sent, to), to == body.size()));
      sent = to;
    }
  }

  @Override
  public synchronized void onMessage(ProcessingResponse message) {
    if (message.hasImmediateResponse()) {
      answer = Integer.toString(message.getImmediateResponse().getStatus().getCodeValue());
      isAnswered = true;
    } else if (message.hasRequestHeaders()) {
      answer = "routed";
    }
    if (isAnswered || isWhole(message)) {
      isAnswered = true;
      call.halfClose();
    }
  }

  private static boolean isWhole(ProcessingResponse message) {
    return message.hasRequestBody()
        && message
            .getRequestBody()
            .getResponse()
            .getBodyMutation()
            .getStreamedResponse()
            .getEndOfStream();
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    outcome.complete(answer.isEmpty() ? status.getCode().name() : answer);
  }
}
