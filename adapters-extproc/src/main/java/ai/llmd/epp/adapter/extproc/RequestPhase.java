package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.BodyModes.ForRequest;
import ai.llmd.epp.adapter.extproc.BodyModes.ForResponse;
import ai.llmd.epp.adapter.extproc.body.openai.StoredPaths;
import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.adapter.extproc.memory.BodyReading;
import ai.llmd.epp.adapter.extproc.memory.BufferedBytes;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.HeaderLines;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The first half of a conversation: collects the request, has it routed once, answers. Messages
 * that come after the answer, or twice, change nothing. One stream's thread.
 */
final class RequestPhase {

  /** How far a request has come. */
  enum Progress {
    /** More of it has to come. */
    PENDING,
    /** It is complete, and waits for its decision. */
    DECIDING,
    /** Its route is on its way; the response follows. */
    ROUTED,
    /** Its route is on its way; its response is not processed. */
    ROUTED_UNFOLLOWED,
    /** An immediate response is on its way. */
    REFUSED,
    /** The response came first, or the stream ended. */
    ABANDONED
  }

  private final ExtProcParts parts;
  private final StreamObserver<ExtProcResponse> envoy;
  private final BodyModes modes;
  private final ForRequest mode;
  private final Executor streamExecutor;
  private final Executor beside;
  private final Runnable eviction;
  private final long arrivedAtNanos;
  private final BufferedBytes bufferedBytes;
  private BodyBuffer collected;
  private RequestHead head = RequestHead.NONE;
  private final long deadlineNanos;
  private RequestTrace trace = RequestTrace.NONE;
  private boolean isSheddable;
  private boolean hasHeaders;
  private boolean hasBody;
  private Metadata bodyMetadata = Metadata.getDefaultInstance();
  private Progress progress = Progress.PENDING;
  private @Nullable LargeRequestBody large; // once it was read beside the event loop
  private @Nullable PendingDecision pending; // while DECIDING
  private boolean owesTrailers;
  private @Nullable Tunnel tunnel; // what the connection becomes
  private @Nullable Exchange exchange;

  /**
   * @param streamExecutor runs what comes later on this stream's thread
   * @param beside runs what takes long on another
   * @param eviction ends the conversation for a more important request; on this stream's thread
   * @param deadlineNanos see {@link RequestHead#deadlineNanos}
   */
  RequestPhase(
      ExtProcParts parts,
      BufferedBytes bufferedBytes,
      StreamObserver<ExtProcResponse> envoy,
      BodyModes modes,
      Executor streamExecutor,
      Executor beside,
      Runnable eviction,
      long deadlineNanos) {
    this.parts = parts;
    this.envoy = envoy;
    this.modes = modes;
    this.mode = modes.request();
    this.streamExecutor = streamExecutor;
    this.beside = beside;
    this.eviction = eviction;
    this.deadlineNanos = deadlineNanos;
    this.arrivedAtNanos = parts.nanoClock().getAsLong();
    this.bufferedBytes = bufferedBytes;
    this.collected = emptyBody();
  }

  private BodyBuffer emptyBody() {
    return new BodyBuffer(parts.limits().requestBytes(), bufferedBytes, isSheddable);
  }

  /** What was routed; null as long as nothing was. */
  @Nullable Exchange exchange() {
    return exchange;
  }

  /** What is recorded of the request, from its headers on. */
  RequestTrace trace() {
    return trace;
  }

  Progress progress() {
    return progress;
  }

  /** How the response's body is sent. */
  ForResponse responseMode() {
    return tunnel == null ? modes.response() : tunnel.response();
  }

  void headers(HeaderLines received, boolean endsStream, Metadata metadata) {
    if (progress != Progress.PENDING || hasHeaders) {
      return;
    }
    hasHeaders = true;
    int most = parts.limits().headers();
    if (received.size() > most) {
      refuse(null, ErrorResponse.tooManyHeaders(most));
      return;
    }
    head = RequestHead.read(received, parts.requestIds());
    head.givenUpAt(deadlineNanos);
    trace = parts.tracer().begin(head, arrivedAtNanos);
    trace.enter(); // the stream leaves it when the message is handled
    if (!endsStream && head.opensTunnel()) {
      routeTunnel(metadata);
    } else if (endsStream || mode == ForRequest.NONE) {
      routeByHeaders(metadata);
    } else if (mode == ForRequest.UNSERVED) {
      refuseMode();
    } else {
      awaitBody();
    }
  }

  /** A body that cannot be kept is refused before any of it has come. */
  private void awaitBody() {
    long announced = head.contentLength();
    isSheddable = parts.router().isSheddable(head.objective());
    if (announced > parts.limits().requestBytes()) {
      refusePiece(BodyBuffer.Added.TOO_LARGE);
    } else if (isSheddable && !bufferedBytes.hasRoomForSheddable(announced)) {
      refusePiece(BodyBuffer.Added.NO_ROOM);
    } else {
      beginBody();
    }
  }

  private void beginBody() {
    if (isSheddable && !hasBody) {
      collected = emptyBody(); // within its part of the room
    }
    if (mode == ForRequest.BUFFERED) {
      envoy.onNext(Answers.REQUEST_HEADERS_UNCHANGED); // Envoy waits for it with the body
    }
  }

  void body(ByteString piece, boolean endsStream, Metadata metadata) {
    if (tunnel != null) {
      tunnelBytes(tunnel, piece, endsStream);
      return;
    }
    if (progress != Progress.PENDING) {
      return;
    }
    if (mode == ForRequest.UNSERVED) {
      refuseMode();
      return;
    }
    hasBody = true;
    bodyMetadata = metadata;
    boolean isLast = endsStream || mode == ForRequest.BUFFERED;
    BodyBuffer.Added added = isLast ? collected.add(piece) : collected.addUnfinished(piece);
    if (added != BodyBuffer.Added.KEPT) {
      refusePiece(added);
    } else if (isLast) {
      routeByBody(true);
    }
  }

  private void refusePiece(BodyBuffer.Added why) {
    refuse(null, ErrorResponse.of(why, parts.limits()));
  }

  /** Only in full duplex do bytes come before the decision. */
  private void tunnelBytes(Tunnel opened, ByteString piece, boolean endsStream) {
    if (progress == Progress.ROUTED) {
      opened.bytes(piece, endsStream);
    } else if (progress == Progress.DECIDING && mode == ForRequest.DUPLEX) {
      BodyBuffer.Added added = opened.keep(piece, endsStream);
      if (added != BodyBuffer.Added.KEPT) {
        stopWaiting();
        refusePiece(added);
      }
    }
  }

  /** Trailers end a body that did not end itself; the reference would wait for ever. */
  void trailers(Metadata metadata) {
    if (progress == Progress.PENDING) {
      if (mode == ForRequest.BUFFERED || mode == ForRequest.UNSERVED) {
        refuse(null, ErrorResponse.of(Reason.MALFORMED, "the request has trailers but no body"));
        return;
      }
      if (!hasBody || metadata.getFilterMetadataCount() > 0) {
        bodyMetadata = metadata;
      }
      owesTrailers = true;
      routeByBody(false);
    } else if (tunnel == null && mode == ForRequest.DUPLEX) {
      return; // they came behind the body's end, which was answered for good
    } else if (progress == Progress.DECIDING) {
      owesTrailers = true; // answered behind the decision
    } else if (exchange != null) {
      envoy.onNext(Answers.REQUEST_TRAILERS); // one answer for each message
    }
  }

  /** There is no room or no time for the rest of the request. */
  void giveUp(ErrorResponse answer) {
    stopWaiting();
    refuse(exchange == null ? null : exchange.labels(), answer);
  }

  /** Something failed before an answer was found. */
  void fail() {
    if (isUnanswered()) {
      giveUp(ErrorResponse.internal("the picker failed"));
    }
  }

  /** Gives up what has not been answered, and all memory. */
  void abandon() {
    if (isUnanswered()) {
      stopWaiting();
      progress = Progress.ABANDONED;
    }
    forgetRequest();
  }

  /** Whether Envoy waits for an answer to the request. */
  boolean isUnanswered() {
    return progress == Progress.PENDING || progress == Progress.DECIDING;
  }

  /** Bytes held for a body that is not large yet and of which more has to come; 0 for any other. */
  long heldForSmallBody() {
    return isPending() && !collected.isLarge() ? collected.heldBytes() : 0;
  }

  /** Whether more of it has to come. */
  boolean isPending() {
    return progress == Progress.PENDING;
  }

  private void stopWaiting() {
    if (large != null) {
      large.abandon();
    }
    if (pending != null) {
      pending.interrupt();
      pending = null;
    }
  }

  private void forgetRequest() {
    collected.release();
    head = RequestHead.NONE;
    bodyMetadata = Metadata.getDefaultInstance();
  }

  private void routeByHeaders(Metadata metadata) {
    StoredAnswers stored = StoredAnswers.of(StoredPaths.reference(head.path()));
    switch (parts.router().routeWithoutBody(head.requestId(), parts.subset(metadata), stored)) {
      case Reject reject -> refuse(reject.labels(), ErrorResponse.of(reject));
      case Route route -> {
        Exchange routed = begin(route, parts.parserWithoutBody(), false);
        routed.countWith(parts.observer().followed(route.labels()));
        envoy.onNext(RouteAnswer.toHeadersAlone(route, head, trace));
        answered(Progress.ROUTED);
      }
    }
  }

  private void routeTunnel(Metadata metadata) {
    tunnel = new Tunnel(envoy, modes, collected);
    route(RequestReader.readTunnel(parts, head, metadata));
  }

  private void routeByBody(boolean endsStream) {
    if (collected.isLarge()) {
      routeBeside(endsStream);
      return;
    }
    ByteString body = collected.joined();
    if (body == null) {
      refusePiece(BodyBuffer.Added.NO_ROOM);
      return;
    }
    switch (RequestReader.read(parts, head, bodyMetadata, body, endsStream)) {
      case RequestReader.Refused(ErrorResponse answer) -> refuse(null, answer);
      case AskedRoute asked -> route(asked);
    }
  }

  /** Reading and hashing a large body takes longer than other streams may wait. */
  private void routeBeside(boolean endsStream) {
    progress = Progress.DECIDING;
    BodyBuffer body = collected;
    collected = emptyBody();
    large().route(head, bodyMetadata, body, endsStream, outcome -> wasRead(outcome, body));
  }

  private LargeRequestBody large() {
    if (large == null) {
      large =
          new LargeRequestBody(
              parts, streamExecutor, task -> beside.execute(trace.scoped(task)), lateRoutes());
    }
    return large;
  }

  private LateRoutes lateRoutes() {
    return new LateRoutes(parts, arrivedAtNanos);
  }

  private void wasRead(BodyReading.Outcome<LargeRequestBody.Read> outcome, BodyBuffer body) {
    collected = body;
    switch (outcome.value()) {
      case LargeRequestBody.Read.Refused(ErrorResponse answer) -> refuse(null, answer);
      case LargeRequestBody.Read.Routed(AskedRoute asked, Routing routing) ->
          follow(routing, asked);
    }
  }

  private void route(AskedRoute asked) {
    follow(parts.router().route(asked.request()), asked);
  }

  private void follow(Routing routing, AskedRoute asked) {
    switch (routing) {
      case Routing.Decided(RoutingDecision decision) -> answer(decision, asked);
      case Routing.Waiting _, Routing.Queued _ -> {
        progress = Progress.DECIDING;
        pending =
            PendingDecision.begin(
                routing,
                trace,
                streamExecutor,
                outcome -> decided(outcome, asked),
                lateRoutes()::release);
      }
    }
  }

  /** A decision that was waited for; the stream may have ended meanwhile. */
  private void decided(PendingDecision.Outcome outcome, AskedRoute asked) {
    if (progress != Progress.DECIDING) {
      lateRoutes().release(outcome);
      return;
    }
    pending = null;
    answer(outcome.decision(), asked);
  }

  private void answer(RoutingDecision decision, AskedRoute asked) {
    trace.decided(decision);
    switch (decision) {
      case Reject reject -> refuse(reject.labels(), ErrorResponse.of(reject));
      case Route route -> forward(route, asked);
    }
  }

  private void forward(Route route, AskedRoute asked) {
    boolean hasPriority = parts.propagatesPriority();
    if (asked.body().size() > BodyBuffer.LARGE && asked.isEditedFor(route, hasPriority)) {
      editBeside(route, asked);
    } else {
      accept(route, asked, asked.bodyFor(route, hasPriority));
    }
  }

  private void editBeside(Route route, AskedRoute asked) {
    progress = Progress.DECIDING;
    BodyBuffer body = collected;
    collected = emptyBody();
    large().edit(route, asked, body, outcome -> wasEdited(outcome, body, route, asked));
  }

  private void wasEdited(
      BodyReading.Outcome<ByteString> outcome, BodyBuffer body, Route route, AskedRoute asked) {
    collected = body;
    accept(route, asked, outcome.value());
  }

  private void accept(Route route, AskedRoute asked, ByteString forwarded) {
    ParsedBody parsed = asked.parsed();
    // from here on it must end
    Exchange routed = begin(route, asked.parser(), parsed.isStreaming());
    if (parsed.stored().isKept()) {
      routed.lookForId();
    }
    if (tunnel == null) {
      send(route, routed, asked, forwarded);
    } else {
      open(tunnel, route, routed);
    }
    if (parsed.skipsResponse()) {
      answered(Progress.ROUTED_UNFOLLOWED);
    } else {
      answered(Progress.ROUTED);
      routed.running();
    }
    if (owesTrailers) {
      envoy.onNext(Answers.REQUEST_TRAILERS);
    }
  }

  private void open(Tunnel opened, Route route, Exchange routed) {
    routed.countWith(parts.observer().routed(route.labels(), 0));
    envoy.onNext(
        RouteAnswer.toTunnel(route, head, trace, opened.hidesBodies(), parts.emitsScores()));
    opened.sendKept();
  }

  @SuppressWarnings("ReferenceEquality") // the very body is forwarded when nothing was edited
  private void send(Route route, Exchange routed, AskedRoute asked, ByteString forwarded) {
    collected.release(); // what is sent of it, and not written at once, is counted by the sender
    routed.countWith(parts.observer().routed(route.labels(), forwarded.size()));
    if (mode == ForRequest.BUFFERED) {
      ByteString newBody = forwarded == asked.body() ? ByteString.EMPTY : forwarded;
      envoy.onNext(RouteAnswer.toBufferedBody(route, head, trace, newBody, parts.emitsScores()));
    } else {
      envoy.onNext(
          RouteAnswer.beforeBody(route, head, trace, forwarded.size(), parts.emitsScores()));
      Answers.sendRequestBody(envoy, forwarded, asked.endsStream());
    }
  }

  private Exchange begin(Route route, @Nullable RequestParser parser, boolean asksForStream) {
    Exchange routed =
        new Exchange(parts, route, route.labels(), parser, asksForStream, arrivedAtNanos);
    routed.traceWith(trace);
    exchange = routed;
    if (route.eviction() != null) {
      route.eviction().endWith(() -> streamExecutor.execute(eviction));
    }
    return routed;
  }

  private void refuseMode() {
    refuse(null, ErrorResponse.unservedMode());
  }

  private void refuse(@Nullable RequestLabels labels, ErrorResponse refusal) {
    envoy.onNext(refusal.answer());
    parts.observer().failed(labels, refusal.code());
    trace.failed(refusal.code(), labels == null ? "" : refusal.message()); // else of the body
    answered(Progress.REFUSED);
  }

  private void answered(Progress newProgress) {
    progress = newProgress;
    forgetRequest(); // a response may take minutes
    parts.observer().requestHandled(parts.nanoClock().getAsLong() - arrivedAtNanos);
  }
}
