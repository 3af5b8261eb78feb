package ai.llmd.epp.acceptance.cases;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Servers that have reported no LoRA adapters yet, as vLLM has not before its first request: they
 * get their share, although {@code lora-affinity-scorer} counts most.
 */
class FreshServersIT {

  private static final int PREFIXES = 24;

  private static final String CONFIGURATION =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      %splugins:
      - type: file-discovery
        parameters: {path: "${ENDPOINTS_FILE}", watchFile: true}
      - type: lora-affinity-scorer
      - type: no-hit-lru-scorer
      schedulingProfiles:
      - name: default
        plugins:
        - {pluginRef: lora-affinity-scorer, weight: 5}
        - {pluginRef: no-hit-lru-scorer, weight: 1}
      dataLayer:
        discovery: {pluginRef: file-discovery}
      """;

  private final Map<Integer, Integer> servedBy = new HashMap<>();
  private int asked;

  @Test
  void freshServersShareTheWorkAndOneThatJoinsGetsItsShare() throws Exception {
    try (Stack stack = Stack.empty("fresh", false)) {
      stack.startSimulator(3, "1ms");
      List<Integer> ports = stack.modelPorts();
      stack.endpoints().list(ports.subList(0, 2));
      EppProcess epp = stack.startEpp(CONFIGURATION.formatted(""), List.of());
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.FULL);
      epp.awaitEndpoints(2);

      ask(envoy, 20);

      assertThat(servedBy).containsOnlyKeys(ports.subList(0, 2));
      assertThat(servedBy.values()).allMatch(count -> count >= 8 && count <= 16);

      stack.endpoints().list(ports);
      epp.awaitEndpoints(3);
      servedBy.clear();
      ask(envoy, 20);

      assertThat(servedBy).containsOnlyKeys(ports);
      assertThat(servedBy.values()).allMatch(count -> count >= 5 && count <= 12);
    }
  }

  @Test
  void theReferencesZeroesComeBackWithOneSwitch() throws Exception {
    try (Stack stack = Stack.empty("zeroes", false)) {
      stack.startSimulator(2, "1ms");
      String zeroes = "featureGates: [unreportedLoadsAreZero]\n";
      EppProcess epp = stack.startEpp(CONFIGURATION.formatted(zeroes), List.of());
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.FULL);
      epp.awaitEndpoints(2);

      ask(envoy, 200); // each takes longer than a server needs to be asked for its metrics

      assertThat(servedBy.values()).containsExactly(PREFIXES);
    }
  }

  /** Distinct prefixes, one after the other, for two adapters in turn. */
  private void ask(EnvoyProcess envoy, int tokens) {
    for (int i = 0; i < PREFIXES; i++) {
      String prefix = ("Prefix " + asked++ + " of its own. ").repeat(60);
      Reply reply =
          envoy
              .gateway()
              .post(
                  "/v1/completions",
                  """
                  {"model":"%s","max_tokens":%d,"ignore_eos":true,"prompt":"%s"}\
                  """
                      .formatted(i % 2 == 0 ? "tides" : "harbours", tokens, prefix));
      assertThat(reply.status()).as(reply.body()).isEqualTo(200);
      servedBy.merge(reply.servedBy(), 1, Integer::sum);
    }
  }
}
