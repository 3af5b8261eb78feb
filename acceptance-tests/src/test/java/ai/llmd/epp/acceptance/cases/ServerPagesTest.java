package ai.llmd.epp.acceptance.cases;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Metrics pages as model servers print them, read by the program and seen in its decisions. */
class ServerPagesTest {

  private static final String CONFIGURATION =
      RunningPicker.configuration(
          "queue-scorer",
          "running-requests-size-scorer",
          "kv-cache-utilization-scorer",
          "lora-affinity-scorer");

  private static final JsonMapper JSON = new JsonMapper();

  @Test
  void severalEnginesOnOnePage() {
    JsonNode shown =
        shown(CONFIGURATION, CaseFile.text("several-engines-on-one-page", "vllm.txt"), "m");
    assertLoad(shown, 14, 9, 0.5);
  }

  @Test
  void severalEnginesOnOnePageOfSglang() {
    JsonNode shown =
        shown(sglang(), CaseFile.text("several-engines-on-one-page", "sglang.txt"), "m");
    assertLoad(shown, 11, 4, 0.4);
  }

  private static String sglang() {
    return CONFIGURATION.replace(
        "- type: queue-scorer\n",
        """
        - type: queue-scorer
        - type: core-metrics-extractor
          parameters: {defaultEngine: sglang}
        """);
  }

  @Test
  void loraSlotsCountedTwice() {
    String page = CaseFile.text("lora-slots-counted-twice", "vllm.txt");
    assertThat(score(shown(CONFIGURATION, page, "third"), "lora-affinity-scorer")).isEqualTo(0.8);
    String full = page.replace("max_lora=\"4\"", "max_lora=\"2\"");
    assertThat(score(shown(CONFIGURATION, full, "third"), "lora-affinity-scorer")).isZero();
    String waits = full.replace("waiting_lora_adapters=\"tides", "waiting_lora_adapters=\"third");
    assertThat(score(shown(CONFIGURATION, waits, "third"), "lora-affinity-scorer")).isEqualTo(0.6);
  }

  @Test
  void badSampleOfAnotherExporter() {
    String page = CaseFile.text("bad-sample-of-another-exporter", "page.txt");
    assertLoad(shown(CONFIGURATION, page, "m"), 3, 5, 0.25);
    assertLoad(shown(CONFIGURATION, page + "info{a=\"b\"} word\n<p>\n0x 1\n", "m"), 3, 5, 0.25);
  }

  @Test
  void whatWasNeverReportedIsShownAsNotKnown() {
    String page = "# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting 3\n";
    JsonNode shown = shown(CONFIGURATION, page, "m");
    assertThat(shown.at("/waitingRequests").asInt()).isEqualTo(3);
    assertThat(shown.at("/runningRequests").isNull()).isTrue();
    assertThat(shown.at("/kvCacheUtilization").isNull()).isTrue();
    assertThat(shown.at("/scores/queue-scorer").asDouble()).isEqualTo(1);
    assertThat(shown.at("/scores/running-requests-size-scorer").isNull()).isTrue();
    assertThat(shown.at("/scores/kv-cache-utilization-scorer").isNull()).isTrue();
    assertThat(shown.at("/scores/lora-affinity-scorer").isNull()).isTrue();

    JsonNode zero = shown("featureGates: [unreportedLoadsAreZero]\n" + CONFIGURATION, page, "m");
    assertThat(zero.at("/runningRequests").asInt(-1)).isZero();
    assertThat(score(zero, "kv-cache-utilization-scorer")).isEqualTo(1);
    assertThat(score(zero, "lora-affinity-scorer")).isZero();
  }

  @Test
  void aLoadThatCannotBeIsRefusedAndCounted() {
    try (ModelServer server = ModelServer.loaded("a", 4, 0.5);
        RunningPicker picker = RunningPicker.start(CONFIGURATION, List.of(server))) {
      double errors = extractErrors(picker);
      for (String load : List.of("-1", "NaN", "-Inf", "+Inf")) {
        int before = server.scrapes();
        serve(
            server,
            "# TYPE vllm:num_requests_waiting gauge\nvllm:num_requests_waiting %s\n".formatted(load)
                + "# TYPE vllm:num_requests_running gauge\nvllm:num_requests_running 2\n");
        await().until(() -> server.scrapes() > before + 2);
        JsonNode shown = decision(picker, "m");
        assertThat(shown.at("/waitingRequests").asInt()).as(load).isEqualTo(4);
        assertThat(shown.at("/runningRequests").asInt()).isEqualTo(2);
        assertThat(extractErrors(picker)).isGreaterThan(errors);
        errors = extractErrors(picker);
      }
    }
  }

  private static double extractErrors(RunningPicker picker) {
    return picker.metrics().sum("llm_d_epp_datalayer_extract_errors_total");
  }

  private static void assertLoad(JsonNode shown, int waiting, int running, double kvCache) {
    assertThat(shown.at("/waitingRequests").asInt()).isEqualTo(waiting);
    assertThat(shown.at("/runningRequests").asInt()).isEqualTo(running);
    assertThat(shown.at("/kvCacheUtilization").asDouble()).isCloseTo(kvCache, within(1e-9));
  }

  private static double score(JsonNode shown, String scorer) {
    return shown.at("/scores/" + scorer).asDouble(-1);
  }

  /** The only candidate of a decision, when its server serves this page, which polls well. */
  private static JsonNode shown(String configuration, String page, String model) {
    try (ModelServer server = ModelServer.start("a", "127.0.0.1")) {
      serve(server, page);
      try (RunningPicker picker = RunningPicker.start(configuration, List.of(server))) {
        await().until(() -> polledWithoutError(picker, server));
        return decision(picker, model);
      }
    }
  }

  /**
   * A page that is refused fails every poll; a slow machine fails one now and then by its timeout.
   */
  private static boolean polledWithoutError(RunningPicker picker, ModelServer server) {
    double errors = pollErrors(picker);
    int scrapes = server.scrapes();
    await().until(() -> server.scrapes() > scrapes + 3);
    return pollErrors(picker) == errors;
  }

  private static double pollErrors(RunningPicker picker) {
    return picker.metrics().sum("llm_d_epp_datalayer_poll_errors_total");
  }

  private static JsonNode decision(RunningPicker picker, String model) {
    Asking.route(picker, Map.of(":path", "/v1/completions"), completion(model, "x"));
    return JSON.readTree(picker.get("/debug/decisions?n=1").body()).at("/0/profiles/0/shown/0");
  }

  private static void serve(ModelServer server, String page) {
    byte[] text = page.getBytes(UTF_8);
    server.answers(
        exchange -> {
          exchange.sendResponseHeaders(200, text.length);
          exchange.getResponseBody().write(text);
        });
  }
}
