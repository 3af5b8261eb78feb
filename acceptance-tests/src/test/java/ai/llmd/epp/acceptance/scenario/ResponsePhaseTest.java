package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.Asking.Routed;
import ai.llmd.epp.acceptance.inprocess.MetricsText;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import com.google.protobuf.Struct;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.StreamedBodyResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Responses as they pass the picker, and scores in their metadata. */
class ResponsePhaseTest {

  private static final String SCORES = "x-gateway-destination-endpoint-scores";
  private static final String CONFIGURATION =
      RunningPicker.configuration("queue-scorer", "kv-cache-utilization-scorer");

  private final List<ModelServer> servers =
      List.of(ModelServer.loaded("pod-0", 1, 0.2), ModelServer.loaded("pod-1", 5, 0.5));

  @SuppressWarnings("NullAway.Init") // every test starts its own
  private RunningPicker picker;

  private void start(String... flags) {
    picker = RunningPicker.start(CONFIGURATION, servers, flags);
  }

  @AfterEach
  void stop() {
    picker.close();
    servers.forEach(ModelServer::close);
  }

  private Dialogue responseHeaders(String... namesAndValues) {
    Dialogue dialogue = Dialogue.open(picker.channel());
    dialogue.send(Messages.responseHeaders(false, namesAndValues));
    assertThat(
            Messages.setBy(dialogue.next().getResponseHeaders().getResponse().getHeaderMutation()))
        .containsEntry("x-went-into-resp-headers", "true")
        .containsEntry(namesAndValues[0], namesAndValues[1]);
    return dialogue;
  }

  private static StreamedBodyResponse chunk(Dialogue dialogue) {
    return dialogue.next().getResponseBody().getResponse().getBodyMutation().getStreamedResponse();
  }

  @Test
  void aSimpleGetIsAccepted() {
    start();
    Dialogue dialogue = Dialogue.open(picker.channel());
    dialogue.send(Asking.headers(true, Map.of(":method", "GET", ":path", "/v1/models")));

    ProcessingResponse answer = dialogue.next();

    assertThat(answer.hasRequestHeaders()).isTrue();
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void aJsonResponseInTwoChunksIsSentOnAsOne() {
    start();
    Dialogue dialogue = responseHeaders("content-type", "application/json");
    dialogue.send(Messages.responseBody("{\"max_tokens\":100,\"model\":\"sql-lo", false));
    dialogue.send(Messages.responseBody("ra\",\"prompt\":\"test\"}", true));

    StreamedBodyResponse body = chunk(dialogue);

    assertThat(body.getBody().toStringUtf8())
        .isEqualTo("{\"max_tokens\":100,\"model\":\"sql-lora\",\"prompt\":\"test\"}");
    assertThat(body.getEndOfStream()).isTrue();
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void aResponseThatIsNoJsonIsSentOnUnchanged() {
    start();
    Dialogue dialogue = responseHeaders("content-type", "application/json");
    dialogue.send(Messages.responseBody("no healthy upstream", true));

    assertThat(chunk(dialogue).getBody().toStringUtf8()).isEqualTo("no healthy upstream");
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void anEmptyLastChunkEndsAJsonResponse() {
    start();
    Dialogue dialogue = responseHeaders("content-type", "application/json");
    dialogue.send(Messages.responseBody("{\"model\":\"sql-lora\"}", false));
    dialogue.send(Messages.responseBody("", true));

    StreamedBodyResponse body = chunk(dialogue);

    assertThat(body.getBody().toStringUtf8()).isEqualTo("{\"model\":\"sql-lora\"}");
    assertThat(body.getEndOfStream()).isTrue();
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void tokensOfAStreamedResponseAreCountedOnce() {
    start();
    Dialogue dialogue = responseHeaders("content-type", "text/event-stream", "status", "200");
    dialogue.send(Messages.responseBody("data: {}\n\n", false));
    assertThat(chunk(dialogue).getEndOfStream()).isFalse();
    dialogue.send(
        Messages.responseBody(
            """
            data: {"usage":{"prompt_tokens":7,"total_tokens":17,"completion_tokens":10}}

            data: [DONE]\
            """,
            false));
    assertThat(chunk(dialogue).getEndOfStream()).isFalse();
    dialogue.send(Messages.responseBody("", true));
    assertThat(chunk(dialogue).getEndOfStream()).isTrue();
    dialogue.halfClose().end();

    MetricsText metrics = picker.metrics();
    String[] withoutModel = {"model_name=\"\"", "target_model_name=\"\""};
    assertThat(metrics.sum("llm_d_epp_request_input_tokens_sum", withoutModel)).isEqualTo(7);
    assertThat(metrics.sum("llm_d_epp_request_input_tokens_count", withoutModel)).isEqualTo(1);
  }

  @Test
  void scoresOfAllEndpointsAreSentWhenAskedFor() {
    start("--emit-endpoint-scores");

    Struct namespace = routedMetadata();

    Struct scores = namespace.getFieldsOrThrow(SCORES).getStructValue();
    assertThat(scores.getFieldsMap().keySet())
        .containsExactlyInAnyOrder(servers.get(0).hostPort(), servers.get(1).hostPort())
        .contains(namespace.getFieldsOrThrow(Asking.DESTINATION).getStringValue());
    assertThat(scores.getFieldsMap().values())
        .allSatisfy(score -> assertThat(score.getNumberValue()).isNotNegative());
  }

  @Test
  void scoresStayHereByDefault() {
    start();

    assertThat(routedMetadata().getFieldsMap()).doesNotContainKey(SCORES);
  }

  private Struct routedMetadata() {
    Routed routed = Asking.route(picker, Map.of(), completion("m", "hello"));
    return routed.head().getDynamicMetadata().getFieldsOrThrow("envoy.lb").getStructValue();
  }
}
