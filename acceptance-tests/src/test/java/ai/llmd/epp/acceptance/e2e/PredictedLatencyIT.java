package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.OpenStream;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.SimulatorProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two servers, one of which takes three seconds to begin its answers. */
class PredictedLatencyIT {

  private static final String CONFIGURATION =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - {name: endpoints, type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}"}}
      - {type: predicted-latency-producer, parameters: {streamingMode: true}}
      - {type: latency-scorer, parameters: {headroomSelectionStrategy: most}}
      - {type: weighted-random-picker}
      - {type: slo-headroom-tier-filter}
      - {type: latency-slo-admitter}
      schedulingProfiles:
      - name: default
        plugins:
        - {pluginRef: predicted-latency-producer}
        - {pluginRef: slo-headroom-tier-filter}
        - {pluginRef: latency-scorer}
        - {pluginRef: weighted-random-picker}
      dataLayer:
        discovery: {pluginRef: endpoints}
      """;

  private static final int AT_ONCE = 40;
  private static final int ROUNDS = 3;
  private static final int KEPT_IN_A_ROW = 20;
  private static final int MAX_REQUESTS = 100;
  private static final String[] OBJECTIVES = {
    "x-llm-d-slo-ttft-ms", "2500", "x-llm-d-slo-tpot-ms", "2500"
  };

  @Test
  void keepsObjectivesByWhatItLearnedFromResponses() throws Exception {
    try (Stack stack = Stack.empty("predicted-latency", false)) {
      SimulatorProcess fast = stack.startSimulator(1, "1ms");
      stack.startSimulator(1, "1ms", List.of("--time-to-first-token=3s"));
      EppProcess epp = stack.startEpp(CONFIGURATION, List.of());
      epp.awaitEndpoints(2);
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      for (int round = 0; round < ROUNDS; round++) {
        learn(gateway, round);
      }
      await().until(() -> epp.metric("llm_d_epp_request_predicted_ttft_seconds_count") > 0);

      int inARow = 0; // an exploring one goes to the other server now and then
      for (int i = 0; i < MAX_REQUESTS && inARow < KEPT_IN_A_ROW; i++) {
        int port = gateway.stream(question(i), OBJECTIVES).servedBy();
        inARow = port == fast.ports().getFirst() ? inARow + 1 : 0;
      }
      assertThat(inARow).isEqualTo(KEPT_IN_A_ROW);
      assertThat(epp.metric("llm_d_epp_request_predicted_ttft_seconds_count"))
          .isGreaterThanOrEqualTo(KEPT_IN_A_ROW);
    }
  }

  /** So many at once that both servers get some. */
  private static void learn(Client gateway, int round) {
    List<OpenStream> streams =
        IntStream.range(0, AT_ONCE)
            .mapToObj(i -> gateway.stream(question(1000 * (round + 1) + i)))
            .toList();
    assertThat(streams).extracting(OpenStream::status).containsOnly(200);
  }

  private static Prompt question(int number) {
    return Prompt.plain("Question number " + number, 4);
  }
}
