package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** Two endpoints that decode and two that prefill, with {@code deploy/epp/disaggregation.yaml}. */
@ParameterizedClass
@EnumSource(EnvoyMode.class)
@NullUnmarked // the fields are set before the first test
record DisaggregationIT(EnvoyMode mode) {

  private static final String PREFILLER = "x-prefiller-host-port";

  private static Stack stack;
  private static EppProcess epp;
  private static EnvoyProcess envoy;
  private static List<Integer> decoding;
  private static List<Integer> prefilling;

  @BeforeParameterizedClassInvocation
  static void start(EnvoyMode mode) {
    stack = Stack.empty("disaggregation-" + mode, false);
    List<Integer> ports = stack.startSimulator(4, "2ms").ports();
    decoding = ports.subList(0, 2);
    prefilling = ports.subList(2, 4);
    stack.endpoints().listByRole(Map.of("decode", decoding, "prefill", prefilling));
    epp = stack.startEpp("epp/disaggregation.yaml");
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
  void aLongPromptIsPrefilledElsewhereUntilItIsCached() {
    Prompt prompt = Prompt.about("disaggregation", "What is it good for?");
    long before = epp.rememberedPrefixBlocks();

    Reply first = envoy.gateway().chat(prompt);
    await().until(() -> epp.rememberedPrefixBlocks() > before); // written beside the request
    Reply second = envoy.gateway().chat(prompt);

    assertThat(first.status()).isEqualTo(200);
    assertThat(first.servedBy()).isIn(decoding);
    assertThat(first.headers().get(PREFILLER)).singleElement().isIn(prefillers());
    assertThat(second.servedBy()).isEqualTo(first.servedBy());
    assertThat(second.headers()).doesNotContainKey(PREFILLER);
  }

  @Test
  void aShortPromptIsPrefilledWhereItIsDecoded() {
    Reply reply = envoy.gateway().chat(Prompt.plain("Short.", 3));

    assertThat(reply.servedBy()).isIn(decoding);
    assertThat(reply.headers()).doesNotContainKey(PREFILLER);
  }

  @Test
  void clientsCannotNameOtherStages() {
    Client client = envoy.gateway();
    Reply brief =
        client.chat(
            Prompt.plain("Brief.", 3), PREFILLER, "evil:1", "x-encoder-hosts-ports", "evil:2");
    Reply lengthy = client.chat(Prompt.about("intruders", "Who?"), PREFILLER, "evil:1");

    assertThat(brief.status()).isEqualTo(200);
    assertThat(brief.headers()).doesNotContainKeys(PREFILLER, "x-encoder-hosts-ports");
    assertThat(lengthy.headers().get(PREFILLER)).singleElement().isIn(prefillers());
  }

  @Test
  void aDecisionShowsTheEndpointOfEveryStage() {
    Reply reply = envoy.gateway().chat(Prompt.about("evidence", "Where to?"));

    JsonNode profiles = epp.metrics().get("/debug/decisions?n=1").json().at("/0/profiles");
    assertThat(profiles.at("/0/profile").asString()).isEqualTo("generate");
    assertThat(profiles.at("/0/role").asString()).isEqualTo("primary");
    assertThat(profiles.at("/0/pick/endpoints/0").asString())
        .isEqualTo("default/model-" + reply.servedBy());
    assertThat(profiles.at("/1/profile").asString()).isEqualTo("warmup");
    assertThat(
            profiles.at("/1/pick/endpoints/0").asString().replace("default/model-", "127.0.0.1:"))
        .isEqualTo(reply.headers().get(PREFILLER).getFirst());
  }

  @Test
  void whatWasDecidedIsCounted() {
    long before = decided("prefill-decode");

    envoy.gateway().chat(Prompt.about("counting", "How many?"));

    assertThat(decided("prefill-decode")).isEqualTo(before + 1);
  }

  private static long decided(String what) {
    return epp.metric("llm_d_epp_disagg_decision_total", "decision_type=\"" + what + '"');
  }

  private static List<String> prefillers() {
    return prefilling.stream().map(port -> "127.0.0.1:" + port).toList();
  }
}
