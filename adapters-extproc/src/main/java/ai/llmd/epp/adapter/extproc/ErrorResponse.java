package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.memory.BodyBuffer;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;

/**
 * What a client gets instead of a model's answer.
 *
 * @param code the reference's name of the error, shown in the body and in metrics
 * @param droppedReason value of {@code x-llm-d-request-dropped-reason}; empty for no such header
 * @param retryAfterSeconds value of {@code retry-after} (RFC 9110, 10.2.3); 0 for no such header
 */
public record ErrorResponse(
    StatusCode status, String code, String message, String droppedReason, int retryAfterSeconds) {

  private static final String RETRY_AFTER = "retry-after";

  ErrorResponse(StatusCode status, String code, String message, String droppedReason) {
    this(status, code, message, droppedReason, 0);
  }

  /** What the client of a refused request gets. */
  static ErrorResponse of(Reject reject) {
    ErrorResponse plain = of(reject.reason(), reject.detail());
    return new ErrorResponse(
        plain.status, plain.code, plain.message, plain.droppedReason, reject.retryAfterSeconds());
  }

  static ErrorResponse of(Reason reason, String message) {
    return switch (reason) {
      case MALFORMED -> new ErrorResponse(StatusCode.BadRequest, "BadRequest", message, "");
      case TOO_LARGE ->
          new ErrorResponse(StatusCode.PayloadTooLarge, "PayloadTooLarge", message, "");
      case NOT_CACHED ->
          new ErrorResponse(StatusCode.PreconditionFailed, "PreconditionFailed", message, "");
      case SHED, NOT_SCHEDULED ->
          new ErrorResponse(StatusCode.TooManyRequests, "ResourceExhausted", message, "");
      case ALL_FILTERED, TOO_MANY_WAITING, QUEUE_FULL ->
          new ErrorResponse(
              StatusCode.TooManyRequests, "ResourceExhausted", message, "rejected-saturated");
      case QUEUE_TIMEOUT ->
          new ErrorResponse(
              StatusCode.TooManyRequests, "ResourceExhausted", message, "rejected-ttl-expired");
      case CLIENT_GONE -> unavailable(message, "rejected-context-cancelled");
      case STOPPING -> unavailable(message, "rejected-shutting-down");
      case NO_CANDIDATE ->
          new ErrorResponse(
              StatusCode.ServiceUnavailable,
              "ServiceUnavailable",
              message,
              "rejected-no-endpoints");
      case INTERNAL -> internal(message);
    };
  }

  private static ErrorResponse unavailable(String message, String droppedReason) {
    return new ErrorResponse(
        StatusCode.ServiceUnavailable, "ServiceUnavailable", message, droppedReason);
  }

  /** What the client of a request gets that was evicted while a model server worked on it. */
  static ExtProcResponse evicted() {
    ImmediateResponse answer =
        ImmediateResponse.newBuilder()
            .setStatus(HttpStatus.newBuilder().setCode(StatusCode.TooManyRequests))
            .setBody(ByteString.copyFromUtf8("request evicted by flow control"))
            .setHeaders(
                HeaderMutation.newBuilder()
                    .addSetHeaders(header(SystemHeaders.DROPPED_REASON, "evicted")))
            .build();
    return ExtProcResponse.of(ProcessingResponse.newBuilder().setImmediateResponse(answer).build());
  }

  static ErrorResponse internal(String message) {
    return new ErrorResponse(StatusCode.InternalServerError, "Internal", message, "");
  }

  /** Why a piece of a request's body was not kept. */
  static ErrorResponse of(BodyBuffer.Added why, StreamLimits limits) {
    return switch (why) {
      case TOO_LARGE ->
          of(
              Reason.TOO_LARGE,
              "the request body is larger than " + limits.requestBytes() + " bytes");
      case TOO_MANY ->
          of(
              Reason.TOO_LARGE,
              "the request body comes in more than " + BodyBuffer.MAX_CHUNKS + " pieces");
      case NO_ROOM, KEPT -> noRoomForBody();
    };
  }

  static ErrorResponse noRoomForBody() {
    return busy("too many request bodies are in memory");
  }

  /** Envoy does not show the body in a way that the picker can use. */
  static ErrorResponse unservedMode() {
    return internal(
        "request_body_mode must be FULL_DUPLEX_STREAMED, BUFFERED or NONE"
            + " for a route that depends on the body");
  }

  static ErrorResponse noParserFor(String path) {
    return of(Reason.MALFORMED, "no parser registered matching path suffix for: " + path);
  }

  /**
   * A body that no model server could read either. The answer carries {@code accept-encoding} (RFC
   * 9110, 12.5.3), so that a client can send the body again as it is.
   *
   * @param codings as the client names them
   */
  static ErrorResponse compressed(String codings) {
    return new ErrorResponse(
        StatusCode.UnsupportedMediaType,
        "UnsupportedMediaType",
        "the request body is encoded (content-encoding: "
            + codings
            + "); send it without, or have the gateway decode it",
        "");
  }

  /** The picker as a whole is full; another attempt may succeed. */
  public static ErrorResponse busy(String message) {
    return new ErrorResponse(StatusCode.ServiceUnavailable, "ServiceUnavailable", message, "");
  }

  /** The request, or the next piece of it, did not come in time. */
  public static ErrorResponse timedOut(long seconds) {
    return new ErrorResponse(
        StatusCode.RequestTimeout,
        "RequestTimeout",
        "no more of the request came within " + seconds + " seconds",
        "");
  }

  static ErrorResponse tooManyHeaders(int limit) {
    return new ErrorResponse(
        StatusCode.RequestHeaderFieldsTooLarge,
        "RequestHeaderFieldsTooLarge",
        "the request has more than " + limit + " headers",
        "");
  }

  public ExtProcResponse answer() {
    ImmediateResponse.Builder answer =
        ImmediateResponse.newBuilder()
            .setStatus(HttpStatus.newBuilder().setCode(status))
            .setBody(ByteString.copyFromUtf8("inference error: " + code + " - " + message));
    if (!droppedReason.isEmpty()) {
      HeaderMutation.Builder headers =
          HeaderMutation.newBuilder()
              .addSetHeaders(header(SystemHeaders.DROPPED_REASON, droppedReason));
      if (retryAfterSeconds > 0) {
        headers.addSetHeaders(header(RETRY_AFTER, Integer.toString(retryAfterSeconds)));
      }
      answer.setHeaders(headers);
    } else if (status == StatusCode.UnsupportedMediaType) {
      answer.setHeaders(
          HeaderMutation.newBuilder().addSetHeaders(header("accept-encoding", "identity")));
    }
    return ExtProcResponse.of(ProcessingResponse.newBuilder().setImmediateResponse(answer).build());
  }

  /** A header to set, replacing any of that name. */
  static HeaderValueOption header(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(
            HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFromUtf8(value)))
        .build();
  }
}
