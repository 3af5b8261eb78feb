package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.Load;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.acceptance.stack.Stack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Three replicas with queues of their own in front of a pool that is asked for too much. */
@Tag("timed")
class FlowControlReplicasIT {

  private static final int REPLICAS = 3;
  private static final int SLOTS = 6;
  private static final int LIMIT = 150; // requests that may wait in all
  private static final String BY_TURNS = "round-robin-fairness-policy";
  private static final String BY_SERVICE = "program-aware-fairness";
  private static final String QUEUED = "llm_d_epp_flow_control_queue_size";
  private static final String TENANT = "x-llm-d-inference-fairness-id";
  private static final Executor CLIENTS = task -> Thread.ofVirtual().start(task);
  private static final Pattern ENDPOINTS = Pattern.compile("path: *\"?([^\",}\\s]+)");

  private static Prompt hello(long number) {
    return Prompt.plain("hello", 50);
  }

  private static String configuration(String shipped, String fairness) {
    var endpoints = ENDPOINTS.matcher(shipped);
    assertThat(endpoints.find()).as(shipped).isTrue();
    return """
    featureGates: [flowControl]
    plugins:
    - {type: file-discovery, parameters: {path: "%s", watchFile: true}}
    - {type: queue-scorer}
    - {type: %s}
    - {type: concurrency-detector, parameters: {maxConcurrency: %d}}
    schedulingProfiles:
    - {name: default, plugins: [{pluginRef: queue-scorer}]}
    dataLayer: {discovery: {pluginRef: file-discovery}}
    flowControl:
      saturationDetector: {pluginRef: concurrency-detector}
      defaultPriorityBand: {fairnessPolicyRef: %s}
      maxRequests: %d
    """
        .formatted(endpoints.group(1), fairness, SLOTS, fairness, LIMIT);
  }

  /** In front of one server; they share. */
  private static Replicas start(Stack stack, SharedStore.Kind store, String fairness) {
    stack.startSimulator(1, "2ms");
    Replicas replicas =
        stack.startReplicas(
            REPLICAS, store.start(REPLICAS), shipped -> configuration(shipped, fairness));
    await().atMost(Duration.ofSeconds(60)).until(replicas::areSharing);
    return replicas;
  }

  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void programsGetTheSameServiceFromAllReplicasTogether(SharedStore.Kind store) throws Exception {
    try (Stack stack = Stack.empty("flow-programs-" + store, false)) {
      Replicas replicas = start(stack, store, BY_SERVICE);
      Client gateway = stack.startEnvoy(EnvoyMode.FULL, replicas).gateway();
      try (Load small = Load.on(gateway, 10, FlowControlReplicasIT::hello, TENANT, "small");
          Load large = Load.on(gateway, 100, FlowControlReplicasIT::hello, TENANT, "large")) {
        assertThat(shareOf(small, large)).isCloseTo(0.5, Offset.offset(0.05));
      }
    }
  }

  /** Of the small one, while 250 of its requests are served. */
  private static double shareOf(Load small, Load large) {
    await().atMost(Duration.ofSeconds(60)).until(() -> small.served() > 50);
    double smallBefore = small.served();
    double largeBefore = large.served();
    await().atMost(Duration.ofSeconds(60)).until(() -> small.served() > smallBefore + 250);
    double smallServed = small.served() - smallBefore;
    return smallServed / (smallServed + large.served() - largeBefore);
  }

  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void tenantsShareAFullPoolAndAllReplicasOneLimit(SharedStore.Kind store) throws Exception {
    try (Stack stack = Stack.empty("flow-replicas-" + store, false)) {
      Replicas replicas = start(stack, store, BY_TURNS);
      Client gateway = stack.startEnvoy(EnvoyMode.FULL, replicas).gateway();
      double share;
      List<CompletableFuture<Reply>> flood = new ArrayList<>();
      try (Load small = Load.on(gateway, 10, FlowControlReplicasIT::hello, TENANT, "small");
          Load large = Load.on(gateway, 100, FlowControlReplicasIT::hello, TENANT, "large")) {
        share = shareOf(small, large);
        for (int i = 0; i < 2 * LIMIT; i++) {
          flood.add(
              CompletableFuture.supplyAsync(
                  () -> gateway.chat(hello(0), TENANT, "large"), CLIENTS));
        }
      }
      assertThat(share).isCloseTo(0.5, Offset.offset(0.05));
      assertThat(flood.stream().filter(reply -> reply.join().status() == 429).count())
          .as("beyond what may wait in all; with a limit for each replica, a third of all fits")
          .isPositive();
    }
  }

  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void aReplicaThatIsKilledLosesNoneThatWaits(SharedStore.Kind store) throws Exception {
    try (Stack stack = Stack.empty("flow-kill-" + store, false)) {
      Replicas replicas = start(stack, store, BY_TURNS);
      Client gateway = stack.startEnvoy(EnvoyMode.RESILIENT, replicas).gateway();
      List<CompletableFuture<Reply>> all = new ArrayList<>();
      for (int i = 0; i < LIMIT; i++) {
        all.add(CompletableFuture.supplyAsync(() -> gateway.chat(hello(0)), CLIENTS));
      }
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> replicas.metric(QUEUED).stream().allMatch(queued -> queued > 5));

      replicas.kill(1);

      assertThat(all).allMatch(reply -> reply.join().status() == 200);
    }
  }
}
