package ai.llmd.epp.adapter.extproc;

import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.requestHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseBody;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseChunk;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseHeaders;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.responseTrailers;
import static ai.llmd.epp.adapter.extproc.dialogue.Messages.setBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.StreamedBodyResponse;
import io.grpc.Status.Code;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponsePhaseTest {

  private static final String USAGE =
      "{\"model\":\"m\",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":10,"
          + "\"total_tokens\":15,\"prompt_tokens_details\":{\"cached_tokens\":4}}}";

  private final TestPicker picker = TestPicker.start();

  @AfterEach
  void stop() {
    picker.close();
  }

  private Dialogue routed(boolean asksForStream) {
    return routed(asksForStream, "x-request-id", "1");
  }

  private Dialogue routed(boolean asksForStream, String... headers) {
    String body = "{\"model\":\"asked\",\"prompt\":\"x\",\"stream\":" + asksForStream + "}";
    Dialogue dialogue =
        picker.open().send(requestHeaders(false, headers)).send(requestBody(body, true));
    dialogue.next();
    dialogue.next();
    return dialogue;
  }

  private static StreamedBodyResponse chunk(ProcessingResponse answer) {
    assertThat(answer.hasResponseBody()).isTrue();
    return responseChunk(answer);
  }

  private FakeRouting.Followed followed() {
    return picker.routing.routes.getFirst();
  }

  @ParameterizedTest
  @CsvSource({
    "false,application/json,false",
    "false,application/json,true",
    "false,text/event-stream,false",
    "false,Text/Event-Stream,true",
    "true,text/event-stream,false",
    "true,text/event-stream,true",
    "true,application/json,false"
  })
  void holdsOrPassesOnWithAndWithoutTrailers(
      boolean asksForStream, String contentType, boolean hasTrailers) {
    Dialogue dialogue =
        routed(asksForStream).send(responseHeaders(false, "content-type", contentType));
    assertThat(dialogue.next().hasResponseHeaders()).isTrue();
    dialogue.send(responseBody("data: a", false)).send(responseBody("data: b", !hasTrailers));

    if (asksForStream || !contentType.equals("application/json")) {
      assertThat(chunk(dialogue.next()).getBody().toStringUtf8()).isEqualTo("data: a");
      StreamedBodyResponse second = chunk(dialogue.next());
      assertThat(second.getBody().toStringUtf8()).isEqualTo("data: b");
      assertThat(second.getEndOfStream()).isEqualTo(!hasTrailers);
    }
    if (hasTrailers) {
      dialogue.send(responseTrailers());
    }
    if (!asksForStream && contentType.equals("application/json")) {
      StreamedBodyResponse whole = chunk(dialogue.next());
      assertThat(whole.getBody().toStringUtf8()).isEqualTo("data: adata: b");
      assertThat(whole.getEndOfStream()).isEqualTo(!hasTrailers);
    }
    if (hasTrailers) {
      assertThat(dialogue.next().hasResponseTrailers()).isTrue();
    }
    assertThat(dialogue.halfClose().end().getCode()).isEqualTo(Code.OK);
    assertThat(followed().calls).containsExactly("headers", "firstBytes", "ended natural");
  }

  @Test
  void readsTheUsageOfAWholeBody() {
    Dialogue dialogue = routed(false).send(responseHeaders(false, ":status", "200"));
    dialogue.send(responseBody(USAGE.substring(0, 40), false));
    dialogue.send(responseBody(USAGE.substring(40), true));
    dialogue.next();
    dialogue.next();

    assertThat(followed().ends.getFirst().usage()).isEqualTo(new Usage(5, 10, 15, 4));
    assertThat(picker.exchanges.usages).containsExactly(new Usage(5, 10, 15, 4));
  }

  @Test
  void returnsWhatIsNoJsonUnchanged() {
    Dialogue dialogue = routed(false).send(responseHeaders(false, ":status", "503"));
    dialogue.next();
    dialogue.send(responseBody("no healthy upstream", true));
    assertThat(chunk(dialogue.next()).getBody().toStringUtf8()).isEqualTo("no healthy upstream");
    assertThat(followed().ends.getFirst().usage()).isEqualTo(Usage.NONE);
  }

  @Test
  void answersOnceWhenAnEmptyChunkEndsTheBody() {
    Dialogue dialogue = routed(false).send(responseHeaders(false, ":status", "200"));
    dialogue.next();
    dialogue.send(responseBody(USAGE, false)).send(responseBody("", true));
    StreamedBodyResponse whole = chunk(dialogue.next());
    assertThat(whole.getBody().toStringUtf8()).isEqualTo(USAGE);
    assertThat(whole.getEndOfStream()).isTrue();
    dialogue.halfClose().end();
  }

  @Test
  void addsUpTheUsageOfAStream() {
    Dialogue dialogue =
        routed(true).send(responseHeaders(false, "content-type", "text/event-stream"));
    dialogue.send(responseBody("data: {}\n\ndata: {}\n\n", false));
    dialogue.send(responseBody("data: " + USAGE + "\n\n", false));
    dialogue.send(responseBody("data: [DONE]\n\n", true));
    for (int i = 0; i < 4; i++) {
      dialogue.next();
    }

    var summary = picker.exchanges.completed.getFirst();
    assertThat(summary.usage()).isEqualTo(new Usage(5, 10, 15, 4));
    assertThat(summary.streamedEvents()).isEqualTo(3);
    assertThat(summary.isStreaming()).isTrue();
    assertThat(summary.termination()).isEqualTo(Termination.NATURAL);
    assertThat(summary.firstByteNanos()).isBetween(1L, summary.durationNanos());
    assertThat(picker.exchanges.gaps).hasSize(2);
  }

  @Test
  void countsTheBytesOfTheModelServer() {
    Dialogue dialogue = routed(true).send(responseHeaders(false, ":status", "200"));
    dialogue.send(responseBody("abc", false)).send(responseBody("", false));
    dialogue.send(responseBody("de", true));
    for (int i = 0; i < 4; i++) {
      dialogue.next();
    }
    assertThat(followed().ends.getFirst().responseBytes()).isEqualTo(5);
    assertThat(followed().calls).containsOnlyOnce("firstBytes");
  }

  @Test
  void answersAResponseWithoutARequest() {
    Dialogue dialogue =
        picker.open().send(responseHeaders(false, "content-type", "text/event-stream"));
    dialogue.next();
    dialogue.send(responseBody("data: " + USAGE + "\n", true));
    assertThat(chunk(dialogue.next()).getEndOfStream()).isTrue();
    dialogue.halfClose().end();

    assertThat(picker.routing.routes).isEmpty();
    assertThat(picker.exchanges.usages).hasSize(1);
    assertThat(picker.exchanges.events)
        .containsExactly("streamStarted", "followed", "completed", "ended", "streamEnded OK");
    ResponseSummary summary = picker.exchanges.completed.getFirst();
    assertThat(summary.durationNanos()).as("the time of the request is unknown").isZero();
    assertThat(summary.firstByteNanos()).isEqualTo(-1);
  }

  @Test
  void echoesHeadersExceptOwnedAndRepeatedOnesWithThoseOfPlugins() {
    picker.routing.onHeaders =
        (route, head) -> {
          assertThat(head.header("x-up")).isEqualTo("1");
          assertThat(head.hasMetadata("envoy.lb")).isFalse();
          head.set("x-session-token", "t");
          head.set("content-length", "9");
        };
    Dialogue dialogue =
        routed(false)
            .send(
                responseHeaders(
                    false,
                    "content-length",
                    "9",
                    "x-gateway-destination-endpoint-served",
                    "1.1.1.1:1",
                    "x-gateway-destination-endpoint",
                    "1.1.1.1:1",
                    "set-cookie",
                    "a",
                    "set-cookie",
                    "b",
                    "X-Up",
                    "1"));

    assertThat(setBy(dialogue.next().getResponseHeaders().getResponse().getHeaderMutation()))
        .containsExactly(
            Map.entry("x-went-into-resp-headers", "true"),
            Map.entry("X-Up", "1"),
            Map.entry("x-session-token", "t"));
  }

  @ParameterizedTest
  @CsvSource({
    "false,served", // the client asked for another model
    "true,served",
    "false,asked" // nothing to map
  })
  void givesTheModelTheNameThatTheClientKnows(boolean asksForStream, String target) {
    Dialogue dialogue =
        routed(asksForStream, "x-llm-d-model-name-rewrite", target)
            .send(responseHeaders(false, ":status", "200"));
    dialogue.next();
    dialogue.send(responseBody("{\"model\": \"" + target + "\"}", true));
    assertThat(chunk(dialogue.next()).getBody().toStringUtf8()).isEqualTo("{\"model\": \"asked\"}");
  }

  @Test
  void putsMetadataOnTheLastAnswerOnly() {
    picker.routing.endMetadata = Map.of("envoy.lb", Map.of("cost", 10.0, "who", "me"));
    Dialogue dialogue = routed(false).send(responseHeaders(false, ":status", "200"));
    assertThat(dialogue.next().hasDynamicMetadata()).isFalse();
    dialogue.send(responseBody(ByteString.copyFrom(new byte[100_000]), true));

    assertThat(dialogue.next().hasDynamicMetadata()).isFalse();
    var metadata = dialogue.next().getDynamicMetadata().getFieldsOrThrow("envoy.lb");
    assertThat(metadata.getStructValue().getFieldsOrThrow("cost").getNumberValue()).isEqualTo(10);
    assertThat(metadata.getStructValue().getFieldsOrThrow("who").getStringValue()).isEqualTo("me");
  }

  @Test
  void putsMetadataOnTrailersThatEndAStream() {
    picker.routing.endMetadata = Map.of("envoy.lb", Map.of("cost", 10.0));
    Dialogue dialogue = routed(true).send(responseHeaders(false, ":status", "200"));
    dialogue.next();
    dialogue.send(responseTrailers());
    assertThat(dialogue.next().hasDynamicMetadata()).isTrue();
  }

  @Test
  void takesHeadersWithoutABodyForAWholeResponse() {
    Dialogue dialogue = routed(false).send(responseHeaders(true, ":status", "204"));
    dialogue.next();
    dialogue.halfClose().end();
    assertThat(followed().calls).containsExactly("headers", "ended natural");
  }

  @Test
  void countsAServerThatReportsAFailure() {
    Dialogue dialogue = routed(false).send(responseHeaders(false, "status", "500"));
    dialogue.next();
    dialogue.halfClose().end();
    assertThat(picker.exchanges.events)
        .containsSubsequence("failed ModelServerError", "ended", "streamEnded OK");
  }

  @Test
  void reportsHowAnUnfinishedExchangeEnded() {
    Dialogue closed = routed(false);
    closed.halfClose().end();
    assertThat(followed().calls).containsExactly("ended error");

    Dialogue cancelled = routed(false);
    cancelled.cancel();
    await()
        .untilAsserted(
            () ->
                assertThat(picker.routing.routes.getLast().calls)
                    .containsExactly("ended client-disconnect"));
    await()
        .untilAsserted(() -> assertThat(picker.exchanges.events).contains("streamEnded Canceled"));
  }
}
