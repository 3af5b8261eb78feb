package ai.llmd.epp.acceptance.realengine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import ai.llmd.epp.acceptance.stack.VllmProcess;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Precise prefixes with real engines: their events, their renderer, their cached tokens. */
class RealVllmIT {

  private static final Duration LONG = Duration.ofMinutes(1);
  private static final int CONVERSATIONS = 6;
  private static final int TURNS = 3;
  private static final String TRUTH = "llm_d_epp_kv_cache_truth_responses_total";
  private static final String ADMISSIONS = "llm_d_epp_kv_cache_index_admissions_total";

  /** What a request is made of. */
  private enum Form {
    CHAT("/v1/chat/completions", VllmProcess.MODEL, ""),
    COMPLETION("/v1/completions", VllmProcess.MODEL, ""),
    ADAPTER("/v1/chat/completions", VllmProcess.ADAPTERS.getFirst(), ""),
    SALTED("/v1/chat/completions", VllmProcess.MODEL, "\"cache_salt\":\"tenant\",");

    private final String path;
    private final String model;
    private final String extra;

    Form(String path, String model, String extra) {
      this.path = path;
      this.model = model;
      this.extra = extra;
    }

    /** A conversation in which every turn repeats all before it. */
    String body(int conversation, int turn) {
      String text = "%s %d: ".formatted(name(), conversation) + "tide and harbour ".repeat(40);
      String turns = text + " And then? What follows from this?".repeat(3 * turn);
      String prompt =
          path.endsWith("chat/completions")
              ? "\"messages\":[{\"role\":\"user\",\"content\":\"" + turns + "\"}]"
              : "\"prompt\":\"" + turns + "\"";
      return "{\"model\":\"%s\",%s\"max_tokens\":2,%s}".formatted(model, extra, prompt);
    }
  }

  @Test
  void predictsWhatTwoEnginesHaveCached() throws Exception {
    VllmProcess.require();
    try (Stack stack = Stack.empty("real-vllm", false)) {
      int events = stack.freePort();
      String publishing = "tcp://127.0.0.1:" + events;
      List<VllmProcess> engines =
          List.of(
              stack.startVllm(publishing, stack.freePort()),
              stack.startVllm(publishing, stack.freePort()));
      engines.forEach(VllmProcess::awaitReady);
      EppProcess epp =
          stack.startEpp(
              configuration("zmqEndpoint: \"tcp://127.0.0.1:%d\"".formatted(events)), List.of());
      epp.awaitEndpoints(2);
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      for (VllmProcess engine : engines) { // each has connected once its blocks come
        awaitEventsOf(engine, epp);
      }
      for (Form form : Form.values()) {
        converse(form, gateway);
      }
      long compared = (long) Form.values().length * CONVERSATIONS * TURNS;
      await().atMost(LONG).until(() -> epp.metric(TRUTH) >= compared);
      assertThat(epp.metric(TRUTH, "outcome=\"agreed\"")).isEqualTo(compared);
      assertThat(epp.metric(TRUTH)).isEqualTo(compared);
    }
  }

  /** What an engine published before the picker started, its replay socket brings. */
  @Test
  void knowsWhatAnEngineHeldBefore() throws Exception {
    VllmProcess.require();
    try (Stack stack = Stack.empty("real-vllm-replay", false)) {
      int events = stack.freePort();
      int replay = stack.freePort();
      VllmProcess engine = stack.startVllm("tcp://*:" + events, replay).awaitReady();
      Client direct = Client.of(engine.port());
      for (int i = 0; i < CONVERSATIONS; i++) {
        assertThat(direct.post(Form.CHAT.path, Form.CHAT.body(i, 0)).status()).isEqualTo(200);
      }
      EppProcess epp =
          stack.startEpp(
              configuration(
                  "podDiscoveryConfig: {socketPort: %d, replaySocketPort: %d}"
                      .formatted(events, replay)),
              List.of());
      epp.awaitEndpoints(1);
      await().atMost(LONG).until(() -> epp.metric(ADMISSIONS) > 0);
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      for (int i = 0; i < CONVERSATIONS; i++) {
        assertThat(gateway.post(Form.CHAT.path, Form.CHAT.body(i, 1)).cachedTokens()).isPositive();
      }
      await().atMost(LONG).until(() -> epp.metric(TRUTH) >= CONVERSATIONS);
      assertThat(epp.metric(TRUTH, "outcome=\"agreed\"")).isEqualTo(CONVERSATIONS);
    }
  }

  private static void awaitEventsOf(VllmProcess engine, EppProcess epp) {
    Client direct = Client.of(engine.port());
    long before = epp.metric(ADMISSIONS);
    for (int attempt = 0; epp.metric(ADMISSIONS) == before; attempt++) {
      assertThat(attempt).isLessThan(100);
      direct.post(Form.CHAT.path, Form.CHAT.body(1000 + attempt, 0));
    }
  }

  /** Each turn finds all that the one before it has left, but for its last blocks. */
  private static void converse(Form form, Client gateway) {
    for (int i = 0; i < CONVERSATIONS; i++) {
      long left = 0;
      for (int turn = 0; turn < TURNS; turn++) {
        Reply reply = gateway.post(form.path, form.body(i, turn));
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.cachedTokens()).as("%s %d.%d", form, i, turn).isGreaterThanOrEqualTo(left);
        left = reply.promptTokens() - 2 * VllmProcess.BLOCK;
      }
    }
  }

  private static String configuration(String events) {
    return """
    apiVersion: llm-d.ai/v1alpha1
    kind: EndpointPickerConfig
    plugins:
    - {name: endpoints, type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}"}}
    - {type: token-producer, parameters: {modelName: %s, vllm: {endpointDiscovery: {}}}}
    - type: precise-prefix-cache-producer
      parameters:
        tokenProcessorConfig: {blockSizeTokens: %d}
        kvEventsConfig: {%s}
    - type: prefix-cache-scorer
      parameters: {prefixMatchInfoProducerName: precise-prefix-cache-producer}
    - type: queue-scorer
    schedulingProfiles:
    - name: default
      plugins: [{pluginRef: prefix-cache-scorer, weight: 100}, {pluginRef: queue-scorer}]
    dataLayer:
      discovery: {pluginRef: endpoints}
    """
        .formatted(VllmProcess.MODEL, VllmProcess.BLOCK, events);
  }
}
