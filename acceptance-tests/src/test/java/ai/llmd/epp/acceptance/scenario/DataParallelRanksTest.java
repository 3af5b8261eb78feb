package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.Asking.Routed;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** A pod whose ranks are picked one by one, but reached through one port. */
class DataParallelRanksTest {

  private static final String RANK = "x-data-parallel-host-port";
  private static final String CONFIGURATION =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - name: endpoints
        type: file-discovery
        parameters: {path: "${ENDPOINTS_FILE}"}
      - type: queue-scorer
      - type: inflight-load-producer
      - type: data-parallel-profile-handler
        parameters: {primaryPort: 8123}
      schedulingProfiles:
      - name: default
        plugins:
        - pluginRef: queue-scorer
      dataLayer:
        discovery: {pluginRef: endpoints}
      """;
  private static final List<ModelServer> RANKS =
      List.of(ModelServer.loaded("rank-0", 8, 0.5), ModelServer.loaded("rank-1", 0, 0.5));

  private static RunningPicker picker;

  @BeforeAll
  static void start() {
    picker = RunningPicker.start(CONFIGURATION, RANKS);
  }

  @AfterAll
  static void stop() {
    picker.close();
    RANKS.forEach(ModelServer::close);
  }

  @Test
  void theRequestGoesToThePrimaryPortAndAHeaderNamesTheRank() {
    Routed routed =
        Asking.route(
            picker, Map.of("x-request-id", "ranked", RANK, "evil:1"), completion("m", "hello"));

    assertThat(routed.destination()).isEqualTo("127.0.0.1:8123");
    assertThat(routed.headers()).containsEntry(RANK, RANKS.get(1).hostPort());
    var decision =
        JsonMapper.shared().readTree(picker.get("/debug/decisions?request_id=ranked").body());
    assertThat(decision.at("/outcome/endpoints/0/address").asString()).isEqualTo("127.0.0.1:8123");
    assertThat(decision.at("/profiles/0/pick/endpoints/0").asString()).isEqualTo("default/rank-1");
  }

  @Test
  void theRankThatWorksIsCountedAsBusy() {
    Dialogue dialogue = Asking.open(picker, Map.of(), completion("m", "hello"));
    Asking.routed(dialogue);

    picker.awaitSum("llm_d_epp_inflight_requests", 1); // earlier ones have gone
    assertThat(picker.metrics().sum("llm_d_epp_inflight_requests", "endpoint_name=\"rank-1\""))
        .isEqualTo(1);
    dialogue.halfClose().end();
  }

  @Test
  void callsOfTheHandlerAreTimed() {
    Asking.route(picker, Map.of(), completion("m", "hello"));

    for (String point : List.of("ProfilePicker", "ProcessProfilesResults")) {
      assertThat(
              picker
                  .metrics()
                  .sum(
                      "llm_d_epp_plugin_duration_seconds_count",
                      "extension_point=\"" + point + '"',
                      "plugin_type=\"data-parallel-profile-handler\""))
          .as(point)
          .isPositive();
    }
  }
}
