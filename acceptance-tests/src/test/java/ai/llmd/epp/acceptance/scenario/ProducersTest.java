package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What producers find out is seen in decisions and in metrics. */
class ProducersTest {

  private static final List<ModelServer> SERVERS =
      List.of(ModelServer.start("only", "127.0.0.1").reports(0, 0, 0));

  private static final String TWO_IMAGES =
      """
      {"model":"m","messages":[{"role":"user","content":[
        {"type":"image_url","image_url":{"url":"https://example.com/a.png"}},
        {"type":"image_url","image_url":{"url":"https://example.com/b.png"}}]}]}\
      """;

  private static RunningPicker picker;

  @BeforeAll
  static void start() {
    picker =
        RunningPicker.start(
            RunningPicker.configuration("queue-scorer")
                .replace(
                    "schedulingProfiles:",
                    """
                    - type: agent-identity
                    - type: inflight-load-producer
                    - type: mm-embeddings-cache-producer
                    schedulingProfiles:\
                    """),
            SERVERS,
            "--allow-experimental-plugins");
  }

  @AfterAll
  static void stop() {
    picker.close();
    SERVERS.forEach(ModelServer::close);
  }

  @Test
  void aHashOfAnAgentsSessionIsTheFairnessIdOfItsRequests() {
    Map<String, String> headers =
        Map.of("x-request-id", "from-an-agent", "session_id", "sess-SECRET-TOKEN");
    Dialogue dialogue = Asking.open(picker, headers, completion("m", "hello"));
    Asking.routed(dialogue);
    assertThat(picker.get("/metrics").body())
        .containsPattern(
            "llm_d_epp_inflight_requests\\{[^}]*fairness_id=\"agent-[0-9a-f]{16}\"[^}]*} 1\n");
    dialogue.halfClose().end();

    String shown = picker.get("/debug/decisions?request_id=from-an-agent").body();
    assertThat(shown).doesNotContain("SECRET");
    assertThat(picker.get("/metrics").body()).doesNotContain("SECRET");
    JsonNode decision = JsonMapper.shared().readTree(shown);
    assertThat(decision.get("fairnessId").asString()).matches("agent-[0-9a-f]{16}");
    JsonNode step = decision.get("steps").get(0);
    assertThat(step.get("extensionPoint").asString()).isEqualTo("RequestHeader");
    assertThat(step.get("plugin").asString()).isEqualTo("agent-identity");
    picker.awaitSum("llm_d_epp_inflight_requests", 0);
    assertThat(
            picker
                .metrics()
                .sum(
                    "llm_d_epp_plugin_duration_seconds_count", "extension_point=\"RequestHeader\""))
        .isPositive();
  }

  @Test
  void imagesThatWereSentBeforeAreFoundAgain() {
    Map<String, String> headers = Map.of(":path", "/v1/chat/completions");
    Asking.route(picker, headers, TWO_IMAGES);
    picker.awaitSum("llm_d_epp_encoder_cache_queries_total", 2);
    // recording is asynchronous: ask until it has been done
    await()
        .untilAsserted(
            () -> {
              Asking.route(picker, headers, TWO_IMAGES);
              assertThat(
                      picker
                          .metrics()
                          .sum(
                              "llm_d_epp_encoder_cache_hits_total",
                              "modality=\"image\"",
                              "pod=\"default/only\""))
                  .isPositive();
            });
    assertThat(picker.metrics().sum("llm_d_epp_encoder_cache_hit_ratio_bucket", "le=\"0.9\""))
        .isLessThan(picker.metrics().sum("llm_d_epp_encoder_cache_hit_ratio_count"));
  }
}
