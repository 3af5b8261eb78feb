package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.BodyModes.ForRequest;
import ai.llmd.epp.adapter.extproc.body.EditedBody;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.adapter.extproc.message.BackingArray;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.HeaderLines;
import ai.llmd.epp.application.parsing.ModelRenaming;
import ai.llmd.epp.application.parsing.ParseOutcome;
import ai.llmd.epp.application.parsing.ParsedBody;
import ai.llmd.epp.application.parsing.RequestParser;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.grpc.stub.StreamObserver;
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
    /** Its route is on its way; the response follows. */
    ROUTED,
    /** Its route is on its way; nobody wants to see the response. */
    ROUTED_UNFOLLOWED,
    /** An immediate response is on its way. */
    REFUSED,
    /** The response came first, or the stream ended. */
    ABANDONED
  }

  private final ExtProcParts parts;
  private final StreamObserver<ExtProcResponse> envoy;
  private final ForRequest mode;
  private final long arrivedAtNanos;
  private final BodyBuffer collected;
  private RequestHead head = RequestHead.NONE;
  private boolean hasHeaders;
  private boolean hasBody;
  private Metadata bodyMetadata = Metadata.getDefaultInstance();
  private Progress progress = Progress.PENDING;
  private @Nullable Exchange exchange;

  RequestPhase(
      ExtProcParts parts,
      BufferedBytes bufferedBytes,
      StreamObserver<ExtProcResponse> envoy,
      ForRequest mode) {
    this.parts = parts;
    this.envoy = envoy;
    this.mode = mode;
    this.arrivedAtNanos = parts.nanoClock().getAsLong();
    this.collected = new BodyBuffer(parts.limits().requestBytes(), bufferedBytes);
  }

  /** What was routed; null as long as nothing was. */
  @Nullable Exchange exchange() {
    return exchange;
  }

  Progress progress() {
    return progress;
  }

  void headers(HeaderLines received, boolean endsStream) {
    if (progress != Progress.PENDING || hasHeaders) {
      return;
    }
    hasHeaders = true;
    int most = parts.limits().headers();
    if (received.size() > most) {
      refuse(null, Refusal.tooManyHeaders(most));
      return;
    }
    head = RequestHead.read(received, parts.requestIds());
    if (endsStream || mode == ForRequest.NONE) {
      routeByHeaders();
    } else if (mode == ForRequest.BUFFERED) {
      envoy.onNext(Answers.REQUEST_HEADERS_UNCHANGED); // Envoy waits for it with the body
    } else if (mode == ForRequest.UNSERVED) {
      refuseMode();
    }
  }

  void body(ByteString piece, boolean endsStream, Metadata metadata) {
    if (progress != Progress.PENDING) {
      return;
    }
    if (mode == ForRequest.UNSERVED) {
      refuseMode();
      return;
    }
    hasBody = true;
    bodyMetadata = metadata;
    switch (collected.add(piece)) {
      case KEPT -> {
        if (endsStream || mode == ForRequest.BUFFERED) {
          routeByBody(true);
        }
      }
      case TOO_LARGE -> refuse(null, Refusal.bodyTooLarge(parts.limits().requestBytes()));
      case NO_ROOM -> refuse(null, Refusal.busy("too many request bodies are in memory"));
    }
  }

  /** Trailers end a body that did not end itself; the reference would wait for ever. */
  void trailers(Metadata metadata) {
    if (progress == Progress.PENDING) {
      if (mode == ForRequest.BUFFERED || mode == ForRequest.UNSERVED) {
        refuse(null, Refusal.of(Reason.MALFORMED, "the request has trailers but no body"));
        return;
      }
      if (!hasBody || metadata.getFilterMetadataCount() > 0) {
        bodyMetadata = metadata;
      }
      routeByBody(false);
      if (exchange != null) {
        envoy.onNext(Answers.REQUEST_TRAILERS);
      }
    } else if (exchange != null && mode != ForRequest.DUPLEX) {
      envoy.onNext(Answers.REQUEST_TRAILERS); // one answer for each message
    }
  }

  /** Something failed before an answer was found. */
  void fail() {
    if (progress == Progress.PENDING) {
      refuse(exchange == null ? null : exchange.labels(), Refusal.internal("the picker failed"));
    }
  }

  /** Gives up what has not been answered, and all memory. */
  void abandon() {
    if (progress == Progress.PENDING) {
      progress = Progress.ABANDONED;
    }
    forgetRequest();
  }

  private void forgetRequest() {
    collected.release();
    head = RequestHead.NONE;
    bodyMetadata = Metadata.getDefaultInstance();
  }

  private void routeByHeaders() {
    String requestId = head.requestId();
    switch (parts.router().routeWithoutBody(requestId)) {
      case Reject reject ->
          refuse(reject.labels(), Refusal.withoutBody(reject.reason(), reject.detail()));
      case Route route -> {
        Named<RequestParser> parser = parts.parsers().find(RequestHead.DEFAULT_PATH);
        Exchange routed = follow(route, parser == null ? null : parser.plugin(), false);
        routed.countWith(parts.observer().followed(route.labels()));
        envoy.onNext(RouteAnswer.toHeadersAlone(route, head));
        answered(Progress.ROUTED);
      }
    }
  }

  private void routeByBody(boolean endsStream) {
    ByteString body = collected.joined();
    String path = head.path();
    Named<RequestParser> parser = parts.parsers().find(path);
    if (parser == null) {
      String message = "no parser registered matching path suffix for: " + path;
      refuse(null, Refusal.of(Reason.MALFORMED, message));
      return;
    }
    long startedAtNanos = parts.nanoClock().getAsLong();
    ParseOutcome outcome = parser.plugin().parse(path, head, BackingArray.of(body), body.size());
    long nanos = parts.nanoClock().getAsLong() - startedAtNanos;
    parts.observer().bodyParsed(parser.type(), parser.name(), nanos);
    switch (outcome) {
      case ParseOutcome.Malformed(String error) ->
          refuse(null, Refusal.of(Reason.MALFORMED, error));
      case ParseOutcome.Parsed(ParsedBody parsed) ->
          routeParsed(parser.plugin(), parsed, body, endsStream);
    }
  }

  private void routeParsed(
      RequestParser parser, ParsedBody parsed, ByteString body, boolean endsStream) {
    InferenceRequest request = request(parser, parsed, body.size());
    RoutingDecision decision = parts.router().route(request);
    switch (decision) {
      case Reject reject -> refuse(reject.labels(), Refusal.of(reject.reason(), reject.detail()));
      case Route route -> {
        Exchange routed = follow(route, parser, parsed.isStreaming()); // from here on it must end
        ByteString forwarded = forwarded(request, parsed, body, route.labels());
        routed.countWith(parts.observer().routed(route.labels(), forwarded.size()));
        if (mode == ForRequest.BUFFERED) {
          sendBuffered(route, forwarded == body ? ByteString.EMPTY : forwarded);
        } else {
          sendChunks(route, forwarded, endsStream);
        }
        if (parsed.skipsResponse()) {
          answered(Progress.ROUTED_UNFOLLOWED);
        } else {
          answered(Progress.ROUTED);
          routed.running();
        }
      }
    }
  }

  private InferenceRequest request(RequestParser parser, ParsedBody parsed, int bodyBytes) {
    boolean isRewritable = parser.canRewriteModel() && parsed.modelRenaming() != ModelRenaming.NONE;
    return new InferenceRequest(
        head.requestId(),
        head,
        parsed.api(),
        parsed.model(),
        head.valueOrEmpty(SystemHeaders.REWRITE, SystemHeaders.REWRITE_ALIAS),
        isRewritable,
        parsed.isStreaming(),
        parsed.outputTokenCap(),
        parsed.prompts(),
        parsed.cacheSalt(),
        bodyBytes,
        head.valueOrEmpty(SystemHeaders.OBJECTIVE, SystemHeaders.OBJECTIVE_ALIAS),
        0,
        head.valueOrEmpty(SystemHeaders.FAIRNESS, SystemHeaders.FAIRNESS_ALIAS),
        parts.ignoresSubsets() ? SubsetHint.ALL : SubsetHints.read(bodyMetadata));
  }

  private Exchange follow(Route route, @Nullable RequestParser parser, boolean asksForStream) {
    Exchange routed =
        new Exchange(parts, route, route.labels(), parser, asksForStream, arrivedAtNanos);
    exchange = routed;
    return routed;
  }

  private static ByteString forwarded(
      InferenceRequest request, ParsedBody parsed, ByteString body, RequestLabels labels) {
    String target = labels.targetModel();
    boolean isRenamed = !target.isEmpty() && !target.equals(labels.incomingModel());
    return request.isModelRewritable() && isRenamed
        ? EditedBody.of(body, parsed.modelRenaming().edits(target))
        : body;
  }

  private void sendChunks(Route route, ByteString body, boolean endsStream) {
    envoy.onNext(RouteAnswer.beforeBody(route, head, body.size(), parts.emitsScores()));
    Answers.sendRequestBody(envoy, body, endsStream);
  }

  private void sendBuffered(Route route, ByteString newBody) {
    envoy.onNext(RouteAnswer.toBufferedBody(route, head, newBody, parts.emitsScores()));
  }

  private void refuseMode() {
    refuse(
        null,
        Refusal.internal(
            "request_body_mode must be FULL_DUPLEX_STREAMED, BUFFERED or NONE"
                + " for a route that depends on the body"));
  }

  private void refuse(@Nullable RequestLabels labels, Refusal refusal) {
    envoy.onNext(refusal.answer());
    parts.observer().failed(labels, refusal.code());
    answered(Progress.REFUSED);
  }

  private void answered(Progress newProgress) {
    progress = newProgress;
    forgetRequest(); // a response may take minutes
    parts.observer().requestHandled(parts.nanoClock().getAsLong() - arrivedAtNanos);
  }
}
