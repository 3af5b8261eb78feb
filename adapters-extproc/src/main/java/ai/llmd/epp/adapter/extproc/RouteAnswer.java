package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.RoutingDecision.ScoredCandidates;
import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;

/** Says where a request goes: a header that Envoy dials, and the same as metadata. */
final class RouteAnswer {

  private static final String NAMESPACE = "envoy.lb";
  private static final String SCORES = "x-gateway-destination-endpoint-scores";

  private RouteAnswer() {}

  /** For a request routed by its headers alone. */
  static ProcessingResponse toHeadersAlone(Route route, RequestHead head) {
    String destination = route.destination();
    HeaderMutation.Builder headers = startingWith(destination);
    head.addNews(headers, route.headers());
    return ProcessingResponse.newBuilder()
        .setDynamicMetadata(metadata(destination, Struct.getDefaultInstance()))
        .setRequestHeaders(HeadersResponse.newBuilder().setResponse(rerouted(headers)))
        .build();
  }

  /** For a request whose body follows in chunks: all headers, as the reference sends them. */
  static ProcessingResponse beforeBody(
      Route route, RequestHead head, int bodyBytes, boolean emitsScores) {
    String destination = route.destination();
    HeaderMutation.Builder headers = startingWith(destination);
    if (bodyBytes > 0) {
      addContentLength(headers, bodyBytes);
    }
    head.echo(headers, route.headers());
    return ProcessingResponse.newBuilder()
        .setDynamicMetadata(metadata(destination, scores(route, emitsScores)))
        .setRequestHeaders(HeadersResponse.newBuilder().setResponse(rerouted(headers)))
        .build();
  }

  /**
   * For a body that Envoy holds itself: only what changes.
   *
   * @param newBody empty when the body stays as it was
   */
  static ProcessingResponse toBufferedBody(
      Route route, RequestHead head, ByteString newBody, boolean emitsScores) {
    String destination = route.destination();
    HeaderMutation.Builder headers = startingWith(destination);
    if (!newBody.isEmpty()) {
      addContentLength(headers, newBody.size()); // Envoy refuses a body of another length
    }
    head.addNews(headers, route.headers());
    CommonResponse.Builder common = rerouted(headers);
    if (!newBody.isEmpty()) {
      common.setBodyMutation(BodyMutation.newBuilder().setBody(newBody));
    }
    return ProcessingResponse.newBuilder()
        .setDynamicMetadata(metadata(destination, scores(route, emitsScores)))
        .setRequestBody(BodyResponse.newBuilder().setResponse(common))
        .build();
  }

  /** {@code Content-Length}, in the reference's spelling. */
  static void addContentLength(HeaderMutation.Builder headers, int bytes) {
    headers.addSetHeaders(HeaderValues.toSet("Content-Length", Integer.toString(bytes)));
  }

  private static HeaderMutation.Builder startingWith(String destination) {
    return HeaderMutation.newBuilder()
        .addSetHeaders(HeaderValues.toSet(SystemHeaders.DESTINATION, destination));
  }

  private static CommonResponse.Builder rerouted(HeaderMutation.Builder headers) {
    return CommonResponse.newBuilder().setClearRouteCache(true).setHeaderMutation(headers);
  }

  private static Struct metadata(String destination, Struct scores) {
    Struct.Builder balancer =
        Struct.newBuilder()
            .putFields(
                SystemHeaders.DESTINATION, Value.newBuilder().setStringValue(destination).build());
    if (scores.getFieldsCount() > 0) {
      balancer.putFields(SCORES, Value.newBuilder().setStructValue(scores).build());
    }
    return Struct.newBuilder()
        .putFields(NAMESPACE, Value.newBuilder().setStructValue(balancer).build())
        .build();
  }

  private static Struct scores(Route route, boolean emitsScores) {
    ScoredCandidates scored = route.scored();
    if (!emitsScores || scored == null) {
      return Struct.getDefaultInstance();
    }
    Struct.Builder scores = Struct.newBuilder();
    for (int i = 0; i < scored.candidates().size(); i++) {
      Candidate candidate = scored.candidates().get(i);
      if (scored.totals().isScored(candidate.slot())) {
        double score = scored.totals().at(candidate.slot());
        scores.putFields(
            candidate.endpoint().hostPort(), Value.newBuilder().setNumberValue(score).build());
      }
    }
    return scores.build();
  }
}
