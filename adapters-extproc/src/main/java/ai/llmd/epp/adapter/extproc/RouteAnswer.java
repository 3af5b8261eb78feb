package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.adapter.extproc.message.DynamicMetadata;
import ai.llmd.epp.adapter.extproc.message.ExtProcResponse;
import ai.llmd.epp.adapter.extproc.message.HeadersToSet;
import ai.llmd.epp.adapter.extproc.message.MessageBytes;
import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.RoutingDecision.ScoredCandidates;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;

/**
 * Encodes where a request goes: a header that Envoy dials, and the same as metadata. Messages are
 * written backwards, see {@link MessageBytes}; that the destination is the first header is what the
 * reference does.
 */
final class RouteAnswer {

  /** As the reference spells it. */
  static final String CONTENT_LENGTH = "Content-Length";

  private static final String NAMESPACE = "envoy.lb";
  private static final String SCORES = "x-gateway-destination-endpoint-scores";
  private static final int USUAL_BYTES = 1_024;

  /** Has Envoy pass a tunnel's bytes by itself; heeded where {@code allow_mode_override} is on. */
  private static final byte[] UNSEEN_BODIES =
      ProcessingMode.newBuilder()
          .setRequestHeaderMode(HeaderSendMode.SEND)
          .setResponseHeaderMode(HeaderSendMode.SEND)
          .setRequestBodyMode(BodySendMode.NONE)
          .setResponseBodyMode(BodySendMode.NONE)
          .setRequestTrailerMode(HeaderSendMode.SKIP)
          .setResponseTrailerMode(HeaderSendMode.SEND) // keeps the stream open to the end
          .build()
          .toByteArray();

  private RouteAnswer() {}

  /** For a request routed by its headers alone. */
  static ExtProcResponse toHeadersAlone(Route route, RequestHead head, RequestTrace trace) {
    return toHeadersAlone(route, head, trace, new MessageBytes(USUAL_BYTES), false);
  }

  /**
   * For a request that opens a tunnel.
   *
   * @param hidesBodies whether Envoy shall not show the tunnel's bytes
   */
  static ExtProcResponse toTunnel(
      Route route, RequestHead head, RequestTrace trace, boolean hidesBodies, boolean emitsScores) {
    MessageBytes message = new MessageBytes(USUAL_BYTES);
    if (hidesBodies) {
      message.bytes(ProcessingResponse.MODE_OVERRIDE_FIELD_NUMBER, UNSEEN_BODIES);
    }
    return toHeadersAlone(route, head, trace, message, emitsScores);
  }

  private static ExtProcResponse toHeadersAlone(
      Route route,
      RequestHead head,
      RequestTrace trace,
      MessageBytes message,
      boolean emitsScores) {
    String destination = route.destination();
    int mark = message.written();
    HeadersToSet headers = new HeadersToSet(message);
    head.addNews(headers, route.headers());
    trace.handOn(head, false, headers);
    headers.add(SystemHeaders.DESTINATION, destination);
    finishHeaders(message, mark);
    addMetadata(message, destination, route, emitsScores);
    return ExtProcResponse.of(message);
  }

  /**
   * For a request whose body follows in chunks: all headers, as the reference sends them, but those
   * that came in several lines.
   */
  static ExtProcResponse beforeBody(
      Route route, RequestHead head, RequestTrace trace, int bodyBytes, boolean emitsScores) {
    String destination = route.destination();
    MessageBytes message = new MessageBytes(USUAL_BYTES);
    HeadersToSet headers = new HeadersToSet(message);
    head.echo(headers, route.headers());
    trace.handOn(head, true, headers);
    if (bodyBytes > 0) {
      headers.add(CONTENT_LENGTH, Integer.toString(bodyBytes));
    }
    headers.add(SystemHeaders.DESTINATION, destination);
    finishHeaders(message, 0);
    addMetadata(message, destination, route, emitsScores);
    return ExtProcResponse.of(message);
  }

  /**
   * For a body that Envoy holds itself: only what changes.
   *
   * @param newBody empty when the body stays as it was
   */
  static ExtProcResponse toBufferedBody(
      Route route, RequestHead head, RequestTrace trace, ByteString newBody, boolean emitsScores) {
    String destination = route.destination();
    MessageBytes message = new MessageBytes(USUAL_BYTES, newBody.size());
    if (!newBody.isEmpty()) {
      message
          .enclose(BodyMutation.BODY_FIELD_NUMBER, 0)
          .enclose(CommonResponse.BODY_MUTATION_FIELD_NUMBER, 0);
    }
    int mark = message.written();
    HeadersToSet headers = new HeadersToSet(message);
    head.addNews(headers, route.headers());
    trace.handOn(head, false, headers);
    if (!newBody.isEmpty()) {
      headers.add(CONTENT_LENGTH, Integer.toString(newBody.size())); // Envoy refuses another length
    }
    headers.add(SystemHeaders.DESTINATION, destination);
    message
        .enclose(CommonResponse.HEADER_MUTATION_FIELD_NUMBER, mark)
        .isTrue(CommonResponse.CLEAR_ROUTE_CACHE_FIELD_NUMBER)
        .enclose(BodyResponse.RESPONSE_FIELD_NUMBER, 0)
        .enclose(ProcessingResponse.REQUEST_BODY_FIELD_NUMBER, 0);
    addMetadata(message, destination, route, emitsScores);
    return ExtProcResponse.of(message, newBody);
  }

  private static void finishHeaders(MessageBytes message, int mark) {
    message
        .enclose(CommonResponse.HEADER_MUTATION_FIELD_NUMBER, mark)
        .isTrue(CommonResponse.CLEAR_ROUTE_CACHE_FIELD_NUMBER)
        .enclose(HeadersResponse.RESPONSE_FIELD_NUMBER, mark)
        .enclose(ProcessingResponse.REQUEST_HEADERS_FIELD_NUMBER, mark);
  }

  private static void addMetadata(
      MessageBytes message, String destination, Route route, boolean emitsScores) {
    int mark = message.written();
    ScoredCandidates scored = route.scored();
    if (emitsScores && scored != null) {
      addScores(message, scored);
    }
    DynamicMetadata.addText(message, SystemHeaders.DESTINATION, destination);
    DynamicMetadata.closeStruct(message, NAMESPACE, mark);
    message.enclose(ProcessingResponse.DYNAMIC_METADATA_FIELD_NUMBER, mark);
  }

  private static void addScores(MessageBytes message, ScoredCandidates scored) {
    int mark = message.written();
    for (int i = 0; i < scored.candidates().size(); i++) {
      Candidate candidate = scored.candidates().get(i);
      if (scored.totals().isScored(candidate.slot())) {
        DynamicMetadata.addNumber(
            message, candidate.endpoint().hostPort(), scored.totals().at(candidate.slot()));
      }
    }
    if (message.written() > mark) {
      DynamicMetadata.closeStruct(message, SCORES, mark);
    }
  }
}
