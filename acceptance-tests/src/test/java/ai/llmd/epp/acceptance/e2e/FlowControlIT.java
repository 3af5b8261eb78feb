package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Load;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool that is asked for more than it can serve, behind a real Envoy. */
class FlowControlIT {

  private static final String QUEUED = "llm_d_epp_flow_control_queue_size";
  private static final String QUEUE_DURATION = "x-llm-d-flow-queue-duration-ms";
  private static final String TENANT = "x-llm-d-inference-fairness-id";
  private static final Executor CLIENTS = task -> Thread.ofVirtual().start(task);

  @TempDir private Path folder;

  private static Prompt hello(long number) {
    return Prompt.plain("hello", 10);
  }

  private static String configuration(int slots, String more) {
    return """
    featureGates: [flowControl]
    plugins:
    - {type: file-discovery, parameters: {path: "${ENDPOINTS_FILE}", watchFile: true}}
    - {type: queue-scorer}
    - {type: round-robin-fairness-policy}
    - {type: priority-holdback-policy, parameters: {minCeiling: 0.5}}
    - {type: concurrency-detector, parameters: {maxConcurrency: %d}}
    schedulingProfiles:
    - {name: default, plugins: [{pluginRef: queue-scorer}]}
    dataLayer: {discovery: {pluginRef: file-discovery}}
    flowControl:
      saturationDetector: {pluginRef: concurrency-detector}
    %s
    """
        .formatted(slots, more.indent(2));
  }

  private static void within(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(assertion);
  }

  private static CompletableFuture<Reply> ask(Client gateway, int tokens, String... headers) {
    return CompletableFuture.supplyAsync(
        () -> gateway.chat(Prompt.plain("a question", tokens), headers), CLIENTS);
  }

  private static List<CompletableFuture<Reply>> ask(
      int requests, Client gateway, int tokens, String... headers) {
    return IntStream.range(0, requests).mapToObj(i -> ask(gateway, tokens, headers)).toList();
  }

  private static List<Integer> statuses(List<CompletableFuture<Reply>> replies) {
    return replies.stream().map(reply -> reply.join().status()).distinct().sorted().toList();
  }

  private static long queuedMillis(Reply reply) {
    return Long.parseLong(Objects.requireNonNull(reply.headers().get(QUEUE_DURATION)).getFirst());
  }

  @Test
  void tenantsShareAFullPoolWhateverTheyOffer() throws Exception {
    try (Stack stack = Stack.empty("flow-tenants", false)) {
      stack.startSimulator(1, "1ms");
      stack.startEpp(
          configuration(2, "defaultPriorityBand: {fairnessPolicyRef: round-robin-fairness-policy}"),
          Objectives.flags(folder));
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      double share;
      try (Load small = Load.on(gateway, 4, FlowControlIT::hello, TENANT, "small");
          Load large = Load.on(gateway, 40, FlowControlIT::hello, TENANT, "large")) {
        within(() -> assertThat(small.served()).isGreaterThan(50)); // all have begun
        int smallBefore = small.served();
        int largeBefore = large.served();
        within(() -> assertThat(small.served()).isGreaterThan(smallBefore + 200));
        double smallServed = (double) small.served() - smallBefore;
        double largeServed = (double) large.served() - largeBefore;
        share = smallServed / (smallServed + largeServed);
        small.close();
        large.close();
        assertThat(small.repliesFrom(0)).allMatch(reply -> reply.status() == 200);
        assertThat(large.repliesFrom(0)).allMatch(reply -> reply.status() == 200);
      }

      assertThat(share).isCloseTo(0.5, Offset.offset(0.05));
    }
  }

  @Test
  void urgentRequestsFindRoomWhileBatchWorkDrainsInTheGaps() throws Exception {
    try (Stack stack = Stack.empty("flow-urgent", false)) {
      stack.startSimulator(2, "2ms");
      EppProcess epp =
          stack.startEpp(
              configuration(4, "usageLimitPolicyPluginRef: priority-holdback-policy"),
              Objectives.flags(folder));
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<CompletableFuture<Reply>> batch = ask(150, gateway, 40, Objectives.OBJECTIVE, "batch");
      within(() -> assertThat(epp.metric(QUEUED, "priority=\"-1\"")).isGreaterThan(100));

      List<Reply> urgent = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        urgent.add(gateway.chat(Prompt.plain("hello", 2), Objectives.OBJECTIVE, "urgent"));
      }

      assertThat(epp.metric(QUEUED, "priority=\"-1\"")).as("still overloaded").isPositive();
      assertThat(urgent).allMatch(reply -> reply.status() == 200);
      assertThat(urgent.stream().filter(reply -> queuedMillis(reply) == 0).count())
          .as("urgent requests that did not wait")
          .isGreaterThanOrEqualTo(38);
      assertThat(statuses(batch)).containsExactly(200);
      assertThat(epp.metric(QUEUED)).isZero();
    }
  }

  @Test
  void requestsWaitForTheFirstEndpointAndAreNotAllSentToIt() throws Exception {
    try (Stack stack = Stack.empty("flow-zero", false)) {
      List<Integer> ports = stack.startSimulator(2, "1ms").ports();
      stack.endpoints().list(List.of());
      EppProcess epp = stack.startEpp(configuration(1000, ""), Objectives.flags(folder));
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<CompletableFuture<Reply>> replies = ask(300, gateway, 2);
      within(() -> assertThat(epp.metric(QUEUED)).isEqualTo(300));

      stack.endpoints().list(ports.subList(0, 1));
      within(() -> assertThat(epp.metric(QUEUED)).isLessThan(300));
      stack.endpoints().list(ports);

      assertThat(statuses(replies)).containsExactly(200);
      assertThat(replies.stream().map(reply -> reply.join().servedBy()).distinct()).hasSize(2);
    }
  }

  @Test
  void aPickerThatStopsAnswersAllThatWait() throws Exception {
    try (Stack stack = Stack.empty("flow-stop", false)) {
      stack.startSimulator(1, "10ms");
      List<String> flags = new ArrayList<>(Objectives.flags(folder));
      flags.add("--drain-timeout=6s");
      EppProcess epp = stack.startEpp(configuration(1, ""), flags);
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<CompletableFuture<Reply>> replies = ask(60, gateway, 40);
      within(() -> assertThat(epp.metric(QUEUED)).isGreaterThan(40));

      epp.terminate();

      assertThat(statuses(replies)).containsExactly(200, 503);
      assertThat(
              replies.stream()
                  .map(CompletableFuture::join)
                  .filter(reply -> reply.status() == 503)
                  .map(reply -> reply.headers().get("x-llm-d-request-dropped-reason"))
                  .distinct())
          .containsExactly(List.of("rejected-shutting-down"));
      epp.awaitEnd(Duration.ofSeconds(40));
    }
  }

  @Test
  void aReloadLosesNoneThatWaits() throws Exception {
    try (Stack stack = Stack.empty("flow-reload", false)) {
      stack.startSimulator(1, "2ms");
      EppProcess epp = stack.startEpp(configuration(1, ""), Objectives.flags(folder));
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<CompletableFuture<Reply>> replies = ask(100, gateway, 20);
      within(() -> assertThat(epp.metric(QUEUED)).isGreaterThan(80));

      stack.configure(configuration(2, "priorityBands: [{priority: 0, maxRequests: 10}]"));
      within(
          () ->
              assertThat(epp.metric("llm_d_epp_config_reloads_total", "result=\"applied\""))
                  .isEqualTo(1));
      assertThat(epp.metric(QUEUED)).as("some wait still").isPositive();

      assertThat(statuses(replies)).containsExactly(200);
      assertThat(epp.metric(QUEUED)).isZero();
    }
  }
}
