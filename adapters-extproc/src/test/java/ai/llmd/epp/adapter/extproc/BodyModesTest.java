package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.inModes;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.setBy;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.message.Answers;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.Usage;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Status.Code;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BodyModesTest {

  private static final String BODY = "{\"model\":\"asked\",\"prompt\":\"x\"}";
  private static final String SERVED = "{\"model\":\"served\",\"usage\":{\"prompt_tokens\":1}}";

  private final TestPicker picker = TestPicker.start();

  @AfterEach
  void stop() {
    picker.close();
  }

  private static ProcessingRequest post(String... headers) {
    return requestHeaders(false, headers);
  }

  private Dialogue buffered(BodySendMode response, String... headers) {
    Dialogue dialogue = picker.open().send(inModes(BodySendMode.BUFFERED, response, post(headers)));
    assertThat(dialogue.next().getRequestHeaders()).isEqualTo(HeadersResponse.getDefaultInstance());
    dialogue.send(requestBody(BODY, true));
    return dialogue;
  }

  private static CommonResponse common(ProcessingResponse answer) {
    return answer.getRequestBody().getResponse();
  }

  @Test
  void answersBufferedHeadersAtOnceAndTheBodyWithTheDestination() {
    Dialogue dialogue = buffered(BodySendMode.NONE, "x-request-id", "1");
    ProcessingResponse answer = dialogue.next();

    assertThat(common(answer).getClearRouteCache()).isTrue();
    assertThat(common(answer).hasBodyMutation()).isFalse();
    assertThat(setBy(common(answer).getHeaderMutation()))
        .containsExactly(Map.entry("x-gateway-destination-endpoint", "127.0.0.2:19032"));
    assertThat(answer.getDynamicMetadata().getFieldsMap()).containsKey("envoy.lb");
    assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void hasAHeaderRemovedThatIsNotEchoed() {
    picker.routing.decision =
        decided -> {
          Route route = (Route) decided;
          HeaderChanges changes = new HeaderChanges();
          changes.remove("x-secret");
          changes.remove("x-replaced");
          changes.set("x-replaced", "ours");
          return new Route(
              route.labels(), route.endpoints(), changes, null, List.of(), route.evidence());
        };
    Dialogue dialogue =
        buffered(BodySendMode.NONE, "x-request-id", "1", "x-secret", "s", "x-replaced", "theirs");
    var mutation = common(dialogue.next()).getHeaderMutation();

    assertThat(mutation.getRemoveHeadersList()).containsExactly("x-secret");
    assertThat(setBy(mutation)).containsEntry("x-replaced", "ours");
  }

  @Test
  void replacesABufferedBodyThatChangesWithItsLength() {
    Dialogue dialogue = buffered(BodySendMode.NONE, "x-llm-d-model-name-rewrite", "served");
    CommonResponse answer = common(dialogue.next());

    String forwarded = answer.getBodyMutation().getBody().toStringUtf8();
    assertThat(forwarded).contains("\"served\"");
    assertThat(setBy(answer.getHeaderMutation()))
        .containsEntry("Content-Length", Integer.toString(forwarded.length()))
        .containsKey("x-request-id"); // generated
  }

  @Test
  void answersTrailersBehindABufferedBody() {
    Dialogue dialogue =
        picker.open().send(inModes(BodySendMode.BUFFERED, BodySendMode.NONE, post()));
    dialogue.next();
    dialogue.send(requestBody(BODY, false)); // trailers follow, the body is complete all the same
    assertThat(dialogue.next().hasRequestBody()).isTrue();
    dialogue.send(requestTrailers());
    assertThat(dialogue.next().hasRequestTrailers()).isTrue();
  }

  @Test
  void routesByHeadersWhenNoBodyIsSent() {
    Dialogue dialogue =
        picker
            .open()
            .send(inModes(BodySendMode.NONE, BodySendMode.NONE, post("x-request-id", "1")));
    assertThat(setBy(dialogue.next().getRequestHeaders().getResponse().getHeaderMutation()))
        .containsExactly(Map.entry("x-gateway-destination-endpoint", "127.0.0.1:19031"));
    assertThat(picker.routing.requests).isEmpty();
    dialogue.halfClose().end();
  }

  @ParameterizedTest
  @EnumSource(names = {"STREAMED", "BUFFERED_PARTIAL"})
  void refusesModesInWhichTheBodyComesTooLate(BodySendMode mode) {
    Dialogue dialogue = picker.open().send(inModes(mode, BodySendMode.NONE, post()));
    var refused = dialogue.next().getImmediateResponse();
    assertThat(refused.getStatus().getCodeValue()).isEqualTo(500);
    assertThat(refused.getBody().toStringUtf8()).contains("request_body_mode");
    assertThat(dialogue.end().getCode()).isEqualTo(Code.OK);
  }

  @Test
  void servesARequestWithoutABodyInEveryMode() {
    ProcessingRequest get = requestHeaders(true, ":method", "GET");
    Dialogue dialogue =
        picker.open().send(inModes(BodySendMode.STREAMED, BodySendMode.STREAMED, get));
    assertThat(dialogue.next().hasRequestHeaders()).isTrue();
  }

  @Test
  void followsAnUnseenResponseUntilTheStreamEnds() {
    Dialogue dialogue = buffered(BodySendMode.NONE);
    dialogue.next();
    dialogue.send(responseHeaders(false, ":status", "200"));
    assertThat(dialogue.next().hasResponseHeaders()).isTrue();
    FakeRouting.Followed followed = picker.routing.routes.getFirst();
    assertThat(followed.calls).containsExactly("headers", "firstBytes");

    dialogue.halfClose().end();
    assertThat(followed.calls).containsExactly("headers", "firstBytes", "ended natural");
  }

  @Test
  void releasesAnUnseenResponseAtItsTrailers() {
    Dialogue dialogue = buffered(BodySendMode.NONE);
    dialogue.next();
    dialogue.send(responseHeaders(false, ":status", "200"));
    dialogue.next();
    dialogue.send(responseTrailers());
    assertThat(dialogue.next().hasResponseTrailers()).isTrue();
    assertThat(picker.routing.routes.getFirst().calls).endsWith("ended natural");
  }

  @Test
  void answersEachMessageOfAStreamedResponseAndReadsItsUsage() {
    Dialogue dialogue = buffered(BodySendMode.STREAMED);
    dialogue.next();
    dialogue.send(responseHeaders(false, "content-type", "application/json"));
    dialogue.next();
    dialogue.send(responseBody(SERVED.substring(0, 20), false));
    ProcessingResponse first = dialogue.next();
    assertThat(first).isEqualTo(Wire.written(Answers.RESPONSE_BODY_UNCHANGED));
    dialogue.send(responseBody(SERVED.substring(20), true));
    assertThat(dialogue.next()).isEqualTo(Wire.written(Answers.RESPONSE_BODY_UNCHANGED));
    dialogue.halfClose().end();

    assertThat(picker.exchanges.usages).containsExactly(new Usage(1, 0, 1, -1));
    assertThat(picker.server.bufferedBytes()).isZero();
  }

  @Test
  void renamesTheModelInABufferedResponseWithItsLength() {
    Dialogue dialogue = buffered(BodySendMode.BUFFERED, "x-llm-d-model-name-rewrite", "served");
    dialogue.next();
    dialogue.send(responseHeaders(false, "content-type", "application/json"));
    dialogue.next();
    dialogue.send(responseBody(SERVED, true));

    CommonResponse answer = dialogue.next().getResponseBody().getResponse();
    String renamed = answer.getBodyMutation().getBody().toStringUtf8();
    assertThat(renamed).contains("\"asked\"");
    assertThat(setBy(answer.getHeaderMutation()))
        .containsEntry("Content-Length", Integer.toString(renamed.length()));
  }
}
