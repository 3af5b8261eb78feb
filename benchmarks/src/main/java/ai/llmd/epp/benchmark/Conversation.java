package ai.llmd.epp.benchmark;

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

/**
 * One request through a picker: headers and body, the route, the response, the end. Who starts it
 * and the event loop that answers take turns: a call takes messages from one thread at a time, and
 * the route may be there before the last piece of the body has been handed over.
 */
final class Conversation extends ClientCall.Listener<ProcessingResponse> {

  private static final int PIECE_BYTES = 1 << 16;

  /** Chunks sent ahead of what the picker takes. */
  private static final int MAX_ANSWERS_ASKED = 1_000_000;

  private final ClientCall<ProcessingRequest, ProcessingResponse> call;
  private final long id;
  private final byte[] body;
  private final Responses responses;
  private final Tally tally;
  private final Runnable ended;
  private long askedAtNanos;
  private long pickNanos = -1;
  private boolean isAnswering;
  private boolean isComplete;
  private int sent;

  /**
   * @param ended called once, whatever happens
   */
  Conversation(
      Channel picker, long id, byte[] body, Responses responses, Tally tally, Runnable ended) {
    this.call = picker.newCall(ExternalProcessorGrpc.getProcessMethod(), CallOptions.DEFAULT);
    this.id = id;
    this.body = body;
    this.responses = responses;
    this.tally = tally;
    this.ended = ended;
  }

  synchronized void start() {
    call.start(this, new Metadata());
    call.request(MAX_ANSWERS_ASKED);
    call.sendMessage(Messages.requestHeaders("r-" + id, body.length));
    ByteString all = UnsafeByteOperations.unsafeWrap(body);
    for (int from = 0; from < body.length; from += PIECE_BYTES) {
      int to = Math.min(from + PIECE_BYTES, body.length);
      askedAtNanos = System.nanoTime(); // the last one counts
      call.sendMessage(Messages.requestBody(all.substring(from, to), to == body.length));
    }
  }

  @Override
  public void onMessage(ProcessingResponse answer) {
    take(answer, System.nanoTime());
  }

  private synchronized void take(ProcessingResponse answer, long nowNanos) {
    switch (answer.getResponseCase()) {
      case REQUEST_HEADERS -> pickNanos = nowNanos - askedAtNanos;
      case REQUEST_BODY -> {
        if (endsStream(answer.getRequestBody())) {
          call.sendMessage(responses.headers());
          isAnswering = true;
          answerOn();
        }
      }
      case RESPONSE_BODY -> {
        if (endsStream(answer.getResponseBody())) {
          isComplete = true;
          call.halfClose();
        }
      }
      case IMMEDIATE_RESPONSE ->
          tally.failed("refused: " + answer.getImmediateResponse().getBody().toStringUtf8());
      default -> {}
    }
  }

  private static boolean endsStream(io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse answer) {
    return answer.getResponse().getBodyMutation().getStreamedResponse().getEndOfStream();
  }

  @Override
  public synchronized void onReady() {
    if (isAnswering) {
      answerOn();
    }
  }

  private void answerOn() {
    while (sent < responses.body().size() && call.isReady()) {
      call.sendMessage(responses.body().get(sent++));
    }
  }

  @Override
  public synchronized void onClose(Status status, Metadata trailers) {
    if (isComplete && pickNanos >= 0 && status.isOk()) {
      tally.done(pickNanos);
    } else {
      tally.failed(status.toString());
    }
    ended.run();
  }
}
