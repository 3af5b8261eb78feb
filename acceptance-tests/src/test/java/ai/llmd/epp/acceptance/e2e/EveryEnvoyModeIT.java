package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.SimulatorProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client sees while all is well: the same in each of Envoy's modes. */
@ParameterizedClass
@EnumSource(EnvoyMode.class)
@NullUnmarked // the fields are set before the first test
record EveryEnvoyModeIT(EnvoyMode mode) {

  private static Stack stack;
  private static EppProcess epp;
  private static EnvoyProcess envoy;

  @BeforeParameterizedClassInvocation
  static void start(EnvoyMode mode) {
    stack = Stack.empty("every-mode-" + mode, false);
    stack.startSimulator(3, "2ms");
    epp = stack.startEpp();
    envoy = stack.startEnvoy(mode);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (stack != null) { // there is none where there is no Envoy
      stack.close();
    }
  }

  /** A mode that can do without the picker must not hide that it had to. */
  @AfterEach
  void thePickerWasAskedEachTime() {
    assertThat(envoy.bypassedPicker()).isZero();
  }

  @Test
  void answersAChatCompletion() {
    Reply reply = envoy.gateway().chat(Prompt.plain("How are you?", 7));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().at("/choices/0/message/content").asString()).isNotEmpty();
    assertThat(reply.json().at("/usage/completion_tokens").asInt()).isEqualTo(7);
  }

  @Test
  void answersACompletion() {
    Reply reply =
        envoy.gateway().post("/v1/completions", Prompt.plain("Once upon", 7).completion());

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().at("/choices/0/text").asString()).isNotEmpty();
    assertThat(reply.json().at("/usage/completion_tokens").asInt()).isEqualTo(7);
  }

  @Test
  void streamsEveryTokenAndTheUsage() {
    envoy.gateway().stream(Prompt.plain("Count with me.", 60)).assertComplete(60);
  }

  @Test
  void countsTheTokensOfAStreamWhereResponsesAreShown() {
    long before = epp.metric("llm_d_epp_request_output_tokens_sum");
    envoy.gateway().stream(Prompt.plain("Count with me again.", 40)).assertComplete(40);

    long expected = mode == EnvoyMode.FULL ? before + 40 : 0;
    await()
        .untilAsserted(
            () ->
                assertThat(epp.metric("llm_d_epp_request_output_tokens_sum")).isEqualTo(expected));
  }

  @Test
  void passesABodyOfTwoMegabytes() {
    String words = "word ".repeat(2_000_000 / 5);

    Reply reply = envoy.gateway().chat(Prompt.plain(words, 2));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.promptTokens()).isGreaterThan(300_000);
  }

  @Test
  void listsModelsThoughTheRequestHasNoBody() {
    Reply reply = envoy.gateway().get("/v1/models");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.json().path("data").valueStream().map(model -> model.path("id").asString()))
        .contains(SimulatorProcess.MODEL);
    assertThat(reply.servedBy()).isIn(stack.modelPorts());
  }

  @Test
  void refusesABodyThatIsNotJson() {
    Reply reply = envoy.gateway().post("/v1/chat/completions", "no json at all");

    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.servedBy()).as("no model server was asked").isZero();
  }

  @Test
  void leavesAnUnknownPathToTheModelServer() {
    Reply reply = envoy.gateway().post("/v1/nope", "anything");

    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.servedBy()).isIn(stack.modelPorts());
  }

  @Test
  void sendsOnePrefixToOneEndpoint() {
    for (String topic : List.of("tides", "bridges", "bread", "comets")) {
      long before = epp.rememberedPrefixBlocks();
      Reply first = envoy.gateway().chat(Prompt.about(topic, "Question 0"));
      await().until(() -> epp.rememberedPrefixBlocks() > before); // written beside the request
      List<Reply> later =
          IntStream.range(1, 4)
              .mapToObj(i -> envoy.gateway().chat(Prompt.about(topic, "Question " + i)))
              .toList();

      assertThat(later).extracting(Reply::status).containsOnly(200);
      assertThat(later).as(topic).extracting(Reply::servedBy).containsOnly(first.servedBy());
    }
  }

  @Test
  void explainsADecisionWithTheEndpointThatServedIt() {
    Reply reply = envoy.gateway().chat(Prompt.plain("Why there?", 1));

    Reply decision = epp.metrics().get("/debug/decisions?n=1");

    assertThat(decision.status()).isEqualTo(200);
    assertThat(decision.json().at("/0/outcome/endpoints/0/address").asString())
        .isEqualTo("127.0.0.1:" + reply.servedBy());
    assertThat(decision.body()).as("no prompt is in it").doesNotContain("Why there?");
  }

  @Test
  void answers503WhileThePoolIsEmpty() {
    stack.endpoints().list(List.of());
    try {
      await()
          .untilAsserted(
              () ->
                  assertThat(envoy.gateway().chat(Prompt.plain("Anyone?", 1)).status())
                      .isEqualTo(503));
    } finally {
      stack.endpoints().list(stack.modelPorts());
      await()
          .untilAsserted(
              () ->
                  assertThat(envoy.gateway().chat(Prompt.plain("Anyone?", 1)).status())
                      .isEqualTo(200));
    }
  }
}
