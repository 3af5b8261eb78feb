package ai.llmd.epp.acceptance.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that wait for their decision until a gate opens, behind a real Envoy. */
class WaitingRequestsIT {

  private static final String WAITING = "llm_d_epp_waiting_requests";
  private static final String BUFFERED = "llm_d_epp_buffered_body_bytes";

  @TempDir private Path folder;

  private String gated(Path gate, String budget) {
    return """
    plugins:
    - type: file-discovery
      parameters: {path: ${ENDPOINTS_FILE}, watchFile: true}
    - type: gate-producer
      parameters: {file: %s, budget: %s}
    - type: queue-scorer
    schedulingProfiles:
    - name: default
      plugins:
      - pluginRef: queue-scorer
    dataLayer:
      discovery: {pluginRef: file-discovery}
    """
        .formatted(gate, budget);
  }

  private static List<CompletableFuture<Reply>> ask(Client gateway, int requests) {
    return IntStream.range(0, requests)
        .mapToObj(i -> gateway.chatLater(Prompt.plain("question " + i, 2)))
        .toList();
  }

  private static void within(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(assertion);
  }

  private static void awaitWaiting(EppProcess epp, int requests) {
    within(() -> assertThat(epp.metric(WAITING)).isEqualTo(requests));
  }

  private static void assertNothingIsHeld(EppProcess epp) {
    within(
        () -> {
          assertThat(epp.metric(WAITING)).isZero();
          assertThat(epp.metric(BUFFERED)).isZero();
        });
  }

  private static List<Integer> statuses(List<CompletableFuture<Reply>> replies) {
    return replies.stream().map(reply -> reply.join().status()).sorted().toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"FULL", "LEAN"}) // the third mode gives a picker two seconds to answer
  void fiveHundredWaitAtOnceAndAreAnsweredWhenTheGateOpens(EnvoyMode mode) throws Exception {
    try (Stack stack = Stack.empty("waiting-" + mode, false)) {
      stack.startSimulator(3, "1ms");
      Path gate = folder.resolve("gate");
      EppProcess epp = stack.startEpp(gated(gate, "5m"), List.of());
      Client gateway = stack.startEnvoy(mode).gateway();

      List<CompletableFuture<Reply>> replies = ask(gateway, 500);
      awaitWaiting(epp, 500);
      assertThat(epp.metric(BUFFERED)).isPositive();
      assertThat(replies).noneMatch(CompletableFuture::isDone);
      Files.createFile(gate);

      assertThat(statuses(replies)).hasSize(500).containsOnly(200);
      assertNothingIsHeld(epp);
    }
  }

  @Test
  void aClientThatLeavesFreesItsMemoryAtOnce() throws Exception {
    try (Stack stack = Stack.empty("waiting-leaves", false)) {
      stack.startSimulator(1, "1ms");
      EppProcess epp = stack.startEpp(gated(folder.resolve("never"), "5m"), List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      for (int round = 0; round < 3; round++) {
        List<CompletableFuture<Reply>> replies = ask(gateway, 100);
        awaitWaiting(epp, 100);

        replies.forEach(reply -> reply.cancel(true));

        assertNothingIsHeld(epp);
      }
    }
  }

  @Test
  void whatWaitsIsAnsweredBeforeAPickerEnds() throws Exception {
    try (Stack stack = Stack.empty("waiting-drain", false)) {
      stack.startSimulator(3, "1ms");
      Path gate = folder.resolve("gate");
      EppProcess epp = stack.startEpp(gated(gate, "5m"), List.of());
      List<CompletableFuture<Reply>> replies = ask(stack.startEnvoy(EnvoyMode.FULL).gateway(), 50);
      awaitWaiting(epp, 50);

      epp.terminate();
      within(() -> assertThat(epp.metrics().isOk("/readyz")).isFalse());
      Files.createFile(gate);

      assertThat(statuses(replies)).hasSize(50).containsOnly(200);
      epp.awaitEnd(Duration.ofSeconds(40));
    }
  }

  @Test
  void aReloadLosesNoneThatWaits() throws Exception {
    try (Stack stack = Stack.empty("waiting-reload", false)) {
      stack.startSimulator(3, "1ms");
      Path gate = folder.resolve("gate");
      EppProcess epp = stack.startEpp(gated(gate, "5m"), List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<CompletableFuture<Reply>> before = ask(gateway, 50);
      awaitWaiting(epp, 50);

      Path second = folder.resolve("second");
      stack.configure(gated(second, "6m")); // the producer is built anew, the old one lingers
      within(
          () ->
              assertThat(epp.metric("llm_d_epp_config_reloads_total", "result=\"applied\""))
                  .isEqualTo(1));
      List<CompletableFuture<Reply>> after = ask(gateway, 50);
      awaitWaiting(epp, 100);
      Files.createFile(gate);
      assertThat(statuses(before)).hasSize(50).containsOnly(200);
      assertThat(after).noneMatch(CompletableFuture::isDone);
      Files.createFile(second);

      assertThat(statuses(after)).hasSize(50).containsOnly(200);
      assertNothingIsHeld(epp);
    }
  }

  @Test
  void moreThanMayWaitAreRefused() throws Exception {
    try (Stack stack = Stack.empty("waiting-bound", false)) {
      stack.startSimulator(3, "1ms");
      Path gate = folder.resolve("gate");
      EppProcess epp = stack.startEpp(gated(gate, "5m"), List.of("--max-waiting-requests=20"));
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();
      List<CompletableFuture<Reply>> waiting = new ArrayList<>(ask(gateway, 20));
      awaitWaiting(epp, 20);

      List<CompletableFuture<Reply>> refused = ask(gateway, 10);

      assertThat(statuses(refused)).hasSize(10).containsOnly(429);
      assertThat(refused.getFirst().join().headers())
          .containsEntry("x-llm-d-request-dropped-reason", List.of("rejected-saturated"));
      assertThat(epp.metric("llm_d_epp_requests_rejected_total", "reason=\"too_many_waiting\""))
          .isEqualTo(10);
      Files.createFile(gate);
      assertThat(statuses(waiting)).containsOnly(200);
    }
  }

  @Test
  void aSpentBudgetCostsTheFactsAndNotTheAnswer() throws Exception {
    try (Stack stack = Stack.empty("waiting-budget", false)) {
      stack.startSimulator(3, "1ms");
      EppProcess epp = stack.startEpp(gated(folder.resolve("never"), "50ms"), List.of());
      Client gateway = stack.startEnvoy(EnvoyMode.FULL).gateway();

      Reply reply = gateway.chat(Prompt.plain("hello", 2), "x-request-id", "spent");

      assertThat(reply.status()).isEqualTo(200);
      assertThat(epp.metric("llm_d_epp_degraded_steps_total")).isEqualTo(1);
      assertThat(epp.metrics().get("/debug/decisions?request_id=spent").body())
          .contains("\"degraded\":\"spent its budget of 50 ms\"");
    }
  }
}
