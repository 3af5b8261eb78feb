package ai.llmd.epp.acceptance.privacy;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import io.envoyproxy.envoy.type.v3.StatusCode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * No prompt, no wrong body and no response shows in a log at any level, in metrics, in decisions or
 * in an error, whatever becomes of the request.
 */
class NothingSaidIsLoggedTest {

  private static final String SECRET = "geheim7f3a9c";
  private static final String SECRET_IN_HEX =
      HexFormat.of().formatHex(SECRET.getBytes(StandardCharsets.UTF_8));

  private static final List<String> WRONG_BODIES =
      List.of(
          "{\"model\":\"m\",\"prompt\":\"" + SECRET,
          "{\"model\":\"m\",\"prompt\":" + SECRET + "}",
          "{\"model\":\"m\",\"prompt\":\"\\q" + SECRET + "\"}",
          "{\"model\":\"m\",\"prompt\":\"x\",\"max_tokens\":1e" + SECRET + "}",
          "{\"model\":\"m\",\"" + SECRET + "\"}",
          "{\"model\":\"m\",\"" + SECRET + "\":\"x\"}",
          "{\"model\":{\"" + SECRET + "\":1},\"prompt\":\"x\"}",
          "{\"model\":\"m\",\"prompt\":{\"" + SECRET + "\":1}}",
          "{\"model\":\"m\",\"prompt\":[\"" + SECRET + "\",1]}",
          "{\"prompt\":\"" + SECRET + "\"}",
          SECRET,
          "\"" + SECRET + "\"");

  private static final List<String> WRONG_CHATS =
      List.of(
          "{\"model\":\"m\",\"messages\":\"" + SECRET + "\"}",
          "{\"model\":\"m\",\"messages\":[\"" + SECRET + "\"]}",
          "{\"model\":\"m\",\"messages\":[{\"role\":{\"" + SECRET + "\":1}}]}",
          "{\"model\":\"m\",\"messages\":[],\"" + SECRET + "\":1}");

  private CapturedLog log;
  private ModelServer server;

  @BeforeEach
  void start() {
    log = new CapturedLog();
    server = ModelServer.loaded("pod-0", 0, 0.1);
  }

  @AfterEach
  void stop() {
    log.close();
    server.close();
  }

  private RunningPicker picker(String... plugins) {
    return RunningPicker.start(
        RunningPicker.configuration(plugins),
        List.of(server),
        "-v=5",
        "--max-request-body-size=100Ki",
        "--enable-grpc-stream-metrics");
  }

  private void assertNothingDisclosed(RunningPicker picker) {
    picker.awaitNothingBuffered();
    assertThat(picker.metrics().text())
        .contains("llm_d_epp_request_error_total{")
        .doesNotContain(SECRET);
    assertThat(picker.get("/debug/decisions?n=10000").body())
        .contains("\"requestId\"")
        .doesNotContain(SECRET);
    assertThat(log.texts()).noneMatch(text -> text.contains(SECRET));
    assertThat(log.ownTexts())
        .anyMatch(text -> text.contains(" serving "))
        .noneMatch(text -> text.contains(SECRET_IN_HEX));
  }

  @Test
  void requestsThatSucceedLeaveNoTraceOfTheirPrompts() {
    try (RunningPicker picker = picker("prefix-cache-scorer", "active-request-scorer")) {
      for (int i = 0; i < 3; i++) {
        converse(picker, completion("m", (SECRET + " ").repeat(200)));
      }
      Asking.route(
          picker,
          Map.of(":path", "/v1/chat/completions"),
          """
          {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"%1$s"},
          {"type":"image_url","image_url":{"url":"data:image/png;base64,%1$s"}}]}]}\
          """
              .formatted(SECRET));
      Asking.route(picker, Map.of(":path", "/unknown"), SECRET);
      refuse(picker, Map.of(), "{}", StatusCode.BadRequest);

      assertNothingDisclosed(picker);
    }
  }

  private static void converse(RunningPicker picker, String body) {
    Dialogue dialogue = Asking.open(picker, Map.of(), body);
    Asking.routed(dialogue);
    dialogue.send(
        Messages.responseHeaders(false, ":status", "200", "content-type", "text/event-stream"));
    dialogue.send(
        Messages.responseBody(
            "data: {\"usage\":{\"" + SECRET + "\":1},\"text\":\"" + SECRET + "\"}\n\n", false));
    dialogue.send(Messages.responseBody("data: {\"usage\":" + SECRET + "}\n\n", true));
    for (int answers = 0; answers < 3; answers++) {
      dialogue.next();
    }
    assertThat(dialogue.halfClose().end().isOk()).isTrue();
  }

  @Test
  void refusedBodiesAreNotQuoted() {
    try (RunningPicker picker = picker("queue-scorer")) {
      WRONG_BODIES.forEach(body -> ask(picker, "/v1/completions", body));
      WRONG_CHATS.forEach(body -> ask(picker, "/v1/chat/completions", body));
      WRONG_CHATS.forEach(body -> ask(picker, "/v1/messages", body));
      WRONG_BODIES.forEach(body -> ask(picker, "/inference/v1/generate", body));
      WRONG_BODIES.forEach(body -> ask(picker, "/generate", body));
      WRONG_BODIES.forEach(body -> ask(picker, "/v1/embeddings", body));
      WRONG_BODIES.forEach(body -> ask(picker, "/v1/responses", body));
      refuse(picker, Map.of(), SECRET.repeat(10_000), StatusCode.PayloadTooLarge);

      Asking.route(picker, Map.of(), completion("m", SECRET));
      assertThat(picker.metrics().sum("llm_d_epp_request_error_total")).isGreaterThan(20);
      assertNothingDisclosed(picker);
    }
  }

  /** Some of these are understood after all; an error must not repeat them. */
  private static void ask(RunningPicker picker, String path, String body) {
    Dialogue dialogue = Asking.open(picker, Map.of(":path", path), body);
    var answer = dialogue.next();
    if (answer.hasImmediateResponse()) {
      assertThat(answer.getImmediateResponse().getBody().toStringUtf8()).doesNotContain(SECRET);
    }
    dialogue.halfClose().endDespiteAnswers();
  }

  private static void refuse(
      RunningPicker picker, Map<String, String> headers, String body, StatusCode status) {
    var refused = Asking.refused(Asking.open(picker, headers, body));
    assertThat(refused.getStatus().getCode()).isEqualTo(status);
    assertThat(refused.getBody().toStringUtf8()).doesNotContain(SECRET);
  }

  @Test
  void streamsThatAreResetAreForgotten() {
    try (RunningPicker picker = picker("queue-scorer")) {
      Dialogue halfAsked = Dialogue.open(picker.channel());
      halfAsked.send(Messages.requestHeaders(false));
      halfAsked.send(Messages.requestBody("{\"prompt\":\"" + SECRET, false));
      picker.awaitSum("llm_d_epp_buffered_body_bytes", 11 + SECRET.length() + 48); // and objects
      halfAsked.cancel();
      Dialogue halfAnswered = Asking.open(picker, Map.of(), completion("m", SECRET));
      Asking.routed(halfAnswered);
      halfAnswered.send(Messages.responseHeaders(false, ":status", "200"));
      halfAnswered.next();
      halfAnswered.send(Messages.responseBody("{\"text\":\"" + SECRET, false));
      halfAnswered.cancel();
      picker.awaitSum("llm_d_epp_request_running", 0);
      refuse(picker, Map.of(), "{}", StatusCode.BadRequest);

      assertNothingDisclosed(picker);
    }
  }

  @Test
  void aPluginThatFailsDisclosesNothing() {
    try (RunningPicker picker = picker("failing-scorer")) {
      refuse(picker, Map.of(), completion("m", SECRET), StatusCode.TooManyRequests);

      assertThat(picker.metrics().sum("llm_d_epp_plugin_faults_total")).isPositive();
      assertThat(log.ownTexts()).anyMatch(text -> text.contains("fails on purpose"));
      assertNothingDisclosed(picker);
    }
  }
}
