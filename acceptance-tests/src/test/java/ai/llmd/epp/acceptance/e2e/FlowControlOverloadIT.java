package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Load;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Stack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What flow control is for: a pool that is asked for three times what it serves. */
@Tag("timed")
class FlowControlOverloadIT {

  private static final String QUEUED = "llm_d_epp_flow_control_queue_size";
  private static final int SLOTS = 8; // of each of two servers
  private static final int URGENT = 30;

  /** Its first token comes after the time of one token. */
  private static final Prompt SHORT = Prompt.plain("hello", 2);

  @TempDir private Path folder;

  private EppProcess start(Stack stack, int slots) throws Exception {
    return stack.startEpp(
        """
        featureGates: [flowControl]
        plugins:
        - {type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}", watchFile: true}}
        - {type: queue-scorer}
        - {type: priority-holdback-policy, parameters: {minCeiling: 0.5}}
        - {type: concurrency-detector, parameters: {maxConcurrency: %d}}
        schedulingProfiles:
        - {name: default, plugins: [{pluginRef: queue-scorer}]}
        dataLayer: {discovery: {pluginRef: file-discovery}}
        flowControl:
          saturationDetector: {pluginRef: concurrency-detector}
          usageLimitPolicyPluginRef: priority-holdback-policy
        """
            .formatted(slots),
        Objectives.flags(folder));
  }

  /** In milliseconds: of 20 urgent requests 19 are as fast. */
  private static double p95(Client gateway) {
    List<Double> millis = new ArrayList<>();
    for (int i = 0; i < URGENT; i++) {
      long began = System.nanoTime();
      assertThat(gateway.chat(SHORT, Objectives.OBJECTIVE, "urgent").status()).isEqualTo(200);
      millis.add((System.nanoTime() - began) / 1e6);
    }
    millis.sort(null);
    return millis.get(URGENT * 95 / 100);
  }

  @Test
  void urgentRequestsAreAsFastAsInAnIdlePoolWhileBatchWorkDrains() throws Exception {
    try (Stack stack = Stack.empty("flow-overload", false)) {
      stack.startSimulator(2, "200ms");
      EppProcess epp = start(stack, SLOTS);
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      p95(gateway); // what is slow once, is slow here
      double idle = p95(gateway);

      LongFunction<Prompt> alot = number -> Prompt.plain("a lot", 8);
      double overloaded;
      try (Load batch = Load.on(gateway, 3 * 2 * SLOTS, alot, Objectives.OBJECTIVE, "batch")) {
        await().until(() -> epp.metric(QUEUED, "priority=\"-1\"") > 2 * SLOTS);

        int before = batch.served();
        overloaded = p95(gateway);

        assertThat(epp.metric(QUEUED, "priority=\"-1\"")).as("overloaded still").isPositive();
        assertThat(batch.served() - before).as("batch work meanwhile").isGreaterThan(SLOTS);
        batch.close();
        assertThat(batch.repliesFrom(0)).allMatch(reply -> reply.status() == 200);
      }
      assertThat(overloaded).isLessThan(1.3 * idle);
    }
  }

  @Test
  void aPickerThatIsKilledFailsNoRequestThatWaits() throws Exception {
    try (Stack stack = Stack.empty("flow-killed", false)) {
      stack.startSimulator(2, "50ms");
      EppProcess epp = start(stack, 1);
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.RESILIENT);
      Client gateway = envoy.gateway();
      assertThat(gateway.chat(SHORT).status()).isEqualTo(200);
      long bypassed = envoy.bypassedPicker();

      try (Load clients = Load.on(gateway, 24, number -> Prompt.plain("a question", 20))) {
        await().atMost(Duration.ofSeconds(60)).until(() -> epp.metric(QUEUED) > 8);
        epp.close();
        clients.close();
        assertThat(clients.repliesFrom(0)).allMatch(reply -> reply.status() == 200);
      }

      assertThat(envoy.bypassedPicker() - bypassed).as("served without it").isPositive();
    }
  }
}
