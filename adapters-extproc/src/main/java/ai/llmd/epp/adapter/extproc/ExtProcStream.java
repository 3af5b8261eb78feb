package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.RequestPhase.Progress;
import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest;
import ai.llmd.epp.adapter.extproc.message.ExtProcRequest.Kind;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.Termination;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One conversation with Envoy about one HTTP request.
 *
 * <pre>
 * request headers, body … ──▶ RequestPhase ──▶ Exchange ──▶ ResponsePhase ◀── response headers …
 * </pre>
 *
 * <p>Whatever comes in whatever order, a conversation ends once, and with it what was counted for
 * it: by an immediate response, by Envoy's half close, by a cancel or by a failure. Messages out of
 * order are answered as far as that makes sense and otherwise ignored. gRPC calls one method at a
 * time.
 */
public final class ExtProcStream implements StreamObserver<ExtProcRequest> {

  private static final Logger log = LoggerFactory.getLogger(ExtProcStream.class);

  /** What a message holds beside a piece of a body: headers of a usual size, objects. */
  private static final int KEPT_MESSAGE_BYTES = 1_024;

  private final ExtProcParts parts;
  private final BufferedBytes bufferedBytes;
  private final StreamObserver<ExtProcResponse> envoy;
  private final Threads threads;
  private final Runnable onEnd;
  private final long startedAtNanos;
  private final long deadlineNanos;
  private BodyModes modes = BodyModes.DUPLEX;
  private @Nullable RequestPhase request;
  private @Nullable ResponsePhase response;
  private boolean hasHalfClosed; // and waits for an answer that is on its way
  private boolean isOver;
  private final Deque<ExtProcRequest> kept = new ArrayDeque<>(0); // while it is busy
  private long keptBytes;

  /**
   * Where a stream's work runs.
   *
   * @param stream runs what it is given on the stream's thread, when the messages that have come by
   *     now have been handled
   * @param beside runs what takes longer than other streams may wait, on threads of its own
   */
  public record Threads(Executor stream, Executor beside) {}

  /**
   * @param onEnd called once, when the conversation is over
   */
  public ExtProcStream(
      ExtProcParts parts,
      BufferedBytes bufferedBytes,
      StreamObserver<ExtProcResponse> envoy,
      Threads threads,
      Runnable onEnd) {
    this.parts = parts;
    this.bufferedBytes = bufferedBytes;
    this.envoy = envoy;
    this.threads = threads;
    this.onEnd = onEnd;
    this.startedAtNanos = parts.nanoClock().getAsLong();
    this.deadlineNanos = deadlineNanos(startedAtNanos, Context.current().getDeadline());
    parts.observer().streamStarted();
  }

  /** When the gateway gives the stream up, on the scale of the clock. */
  private static long deadlineNanos(long now, @Nullable Deadline deadline) {
    return deadline == null
        ? RoutingHints.NEVER
        : now + deadline.timeRemaining(TimeUnit.NANOSECONDS);
  }

  @Override
  public void onNext(ExtProcRequest message) {
    if (isOver) {
      return;
    }
    if (isBusy()) {
      keep(message);
      return;
    }
    trace().enter();
    try {
      handle(message);
    } catch (Throwable thrown) {
      failed(thrown);
    } finally {
      trace().leave();
    }
  }

  private RequestTrace trace() {
    return request == null ? RequestTrace.NONE : request.trace();
  }

  /** Whether something large of the response is being read: what follows has to wait. */
  public boolean isBusy() {
    return response != null && response.isBeingRead();
  }

  private void keep(ExtProcRequest message) {
    long cost = cost(message);
    if (!bufferedBytes.take(cost)) {
      giveUp(ErrorResponse.busy("too many messages wait for a large one"));
      return;
    }
    keptBytes += cost;
    kept.add(message);
  }

  private static long cost(ExtProcRequest message) {
    return (long) message.body().size() + KEPT_MESSAGE_BYTES;
  }

  private void handleKept() {
    while (!isOver && !isBusy() && !kept.isEmpty()) {
      ExtProcRequest next = kept.remove();
      keptBytes -= cost(next);
      bufferedBytes.giveBack(cost(next));
      handle(next);
    }
  }

  private void forgetKept() {
    kept.clear();
    bufferedBytes.giveBack(keptBytes);
    keptBytes = 0;
  }

  private void failed(Throwable thrown) {
    RuntimeException e = NonFatal.orThrow(thrown);
    log.atError().setCause(e).log("conversation with the gateway failed");
    fail();
  }

  /** Runs what comes later on this stream's thread, guarded as a message is. */
  private void later(Runnable step) {
    threads.stream()
        .execute(
            () -> {
              trace().enter();
              try {
                step.run();
                handleKept();
                if (!isOver && request != null) {
                  endIfAnsweredForGood(request.progress());
                }
                if (hasHalfClosed) {
                  onCompleted();
                }
              } catch (Throwable thrown) {
                failed(thrown);
              } finally {
                trace().leave();
              }
            });
  }

  private void handle(ExtProcRequest message) {
    if (message.kind() == Kind.MALFORMED) {
      endUnreadable();
      return;
    }
    RequestPhase asked = request == null ? begin(message) : request;
    switch (message.kind()) {
      case REQUEST_HEADERS ->
          asked.headers(message.headers(), message.endsStream(), message.metadata());
      case REQUEST_BODY -> asked.body(message.body(), message.endsStream(), message.metadata());
      case REQUEST_TRAILERS -> asked.trailers(message.metadata());
      case RESPONSE_HEADERS ->
          answering().headers(message.headers(), message.endsStream(), message.metadata());
      case RESPONSE_BODY -> answering().body(message.body(), message.endsStream());
      case RESPONSE_TRAILERS -> answering().trailers();
      case NOTHING, MALFORMED -> {}
    }
    endIfAnsweredForGood(asked.progress());
  }

  private RequestPhase begin(ExtProcRequest first) {
    modes = BodyModes.of(first.protocol());
    RequestPhase began =
        new RequestPhase(
            parts,
            bufferedBytes,
            envoy,
            modes,
            this::later,
            threads.beside(),
            this::evict,
            deadlineNanos);
    request = began;
    return began;
  }

  private void endIfAnsweredForGood(Progress progress) {
    switch (progress) {
      case PENDING, DECIDING, ROUTED, ABANDONED -> {}
      case ROUTED_UNFOLLOWED, REFUSED -> finish();
    }
  }

  private ResponsePhase answering() {
    if (response != null) {
      return response;
    }
    if (request != null) {
      request.abandon(); // a gateway may answer before the request is complete
    }
    Exchange routed = exchange();
    ResponsePhase began =
        new ResponsePhase(
            parts,
            bufferedBytes,
            envoy,
            request == null ? modes.response() : request.responseMode(),
            routed == null ? unrouted() : routed,
            threads.stream(),
            new Threads(this::later, threads.beside()));
    response = began;
    return began;
  }

  /** What has been routed, or is answered without a route; null as long as there is neither. */
  private @Nullable Exchange exchange() {
    if (response != null) {
      return response.exchange();
    }
    return request == null ? null : request.exchange();
  }

  private Exchange unrouted() {
    RequestLabels labels = RequestLabels.anonymous("");
    Exchange unrouted =
        new Exchange(parts, null, labels, parts.parserWithoutBody(), false, startedAtNanos);
    unrouted.countWith(parts.observer().followed(labels));
    return unrouted;
  }

  /**
   * There is no room or no time for more of what the gateway sends: answers the request, unless it
   * has been answered already; then the stream ends with an error. False when it was over already.
   */
  public boolean giveUp(ErrorResponse answer) {
    if (isOver) {
      return false;
    }
    if (response != null || (request != null && !request.isUnanswered())) {
      end("ResourceExhausted", Termination.ERROR);
      envoy.onError(
          Status.RESOURCE_EXHAUSTED.withDescription(answer.message()).asRuntimeException());
      return true;
    }
    if (request == null) {
      envoy.onNext(answer.answer());
      parts.observer().failed(null, answer.code());
    } else {
      request.giveUp(answer);
    }
    finish();
    return true;
  }

  /** Whether the gateway has yet to send the rest of a request, or its first message. */
  public boolean isAwaitingRequest() {
    return !isOver && response == null && (request == null || request.isPending());
  }

  /**
   * A small body of which more has to come.
   *
   * @param bytes held for it, 0 when there is none
   * @param millis since the stream began
   */
  public record Unfinished(long bytes, long millis) {

    private static final Unfinished NONE = new Unfinished(0, 0);
  }

  /** What it holds of a request that is not complete. */
  public Unfinished unfinished() {
    long held = isAwaitingRequest() && request != null ? request.heldForSmallBody() : 0;
    if (held == 0) {
      return Unfinished.NONE;
    }
    long nanos = parts.nanoClock().getAsLong() - startedAtNanos;
    return new Unfinished(held, TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  /** Whether the gateway shows the request's body only when it has all of it. */
  public boolean isGatewayCollecting() {
    return modes.request() == BodyModes.ForRequest.BUFFERED;
  }

  /** Whether the response has begun. */
  public boolean isAnswering() {
    return response != null;
  }

  /** A more important request needs the room; nothing happens when the response is complete. */
  private void evict() {
    Exchange open = exchange();
    if (isOver || open == null || open.hasEnded()) {
      return;
    }
    envoy.onNext(ErrorResponse.evicted());
    end("OK", Termination.EVICTED);
    envoy.onCompleted();
  }

  /** A program error: refuse while that can be done, otherwise leave it to Envoy. */
  private void fail() {
    if (isOver) {
      return;
    }
    if (response == null && request != null && request.isUnanswered()) {
      try {
        request.fail();
      } finally {
        finish();
      }
    } else {
      end("Unknown", Termination.ERROR);
      envoy.onError(
          Status.UNKNOWN.withDescription("failed to handle the response").asRuntimeException());
    }
  }

  /** Answered once; what comes behind such a message is dropped. */
  private void endUnreadable() {
    end("Internal", Termination.ERROR);
    envoy.onError(Status.INTERNAL.withDescription("a message cannot be read").asRuntimeException());
  }

  /** Envoy has half closed: nothing more will come. */
  @Override
  public void onCompleted() {
    hasHalfClosed = !isOver && isBusy();
    if (!isOver && !hasHalfClosed) {
      finish();
    }
  }

  @Override
  public void onError(Throwable cause) {
    cancelled();
  }

  /** The stream was cancelled: no answer can be sent any more. */
  public void cancelled() {
    end("Canceled", Termination.CLIENT_DISCONNECT);
  }

  /** The call is over, for whatever reason; ends the conversation unless it has ended. */
  public void closed() {
    end("Unknown", Termination.ERROR);
  }

  private void finish() {
    boolean isComplete = response != null && response.endsWithStream();
    end("OK", isComplete ? Termination.NATURAL : Termination.ERROR);
    envoy.onCompleted();
  }

  private void end(String grpcCode, Termination termination) {
    if (isOver) {
      return;
    }
    isOver = true;
    forgetKept();
    try {
      release(termination);
    } catch (Throwable thrown) {
      log.atError().setCause(NonFatal.orThrow(thrown)).log("end of a conversation failed");
    } finally {
      parts.observer().streamEnded(grpcCode, parts.nanoClock().getAsLong() - startedAtNanos);
      trace().end();
      onEnd.run();
    }
  }

  private void release(Termination termination) {
    if (request != null) {
      request.abandon();
    }
    try {
      if (response != null) {
        response.release();
      }
    } finally {
      Exchange open = exchange();
      if (open != null) {
        endExchange(open, termination);
      }
    }
  }

  private void endExchange(Exchange open, Termination termination) {
    try {
      open.end(termination);
    } finally {
      if (response != null && response.hasServerFailed()) {
        open.serverFailed();
      }
      open.close(response == null ? 0 : response.processingNanos());
    }
  }
}
