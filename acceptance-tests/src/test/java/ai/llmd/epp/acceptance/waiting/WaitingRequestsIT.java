package ai.llmd.epp.acceptance.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.waiting.GatedStack.Gate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that wait for their decision until a gate opens, behind a real Envoy. */
@NullUnmarked // the fields are set before the first test
class WaitingRequestsIT {

  private static final int MEBI = 1024 * 1024;
  private static final int LONG_PROMPT_BYTES = 16 * 1024;

  /** Rounds in which a picker reaches its size: its heap is touched, its code compiled. */
  private static final int ROUNDS_TO_GROW = 6;

  private static final int ROUNDS = 6;

  /** Half of what stays when each round leaves its prompts behind, which are 8 MiB. */
  private static final long MAX_GROWTH_BYTES = ROUNDS * 500L * LONG_PROMPT_BYTES / 2;

  @TempDir private static Path folder;

  /** Of the tests that neither end their picker nor give it flags; each takes a gate of its own. */
  private static GatedStack shared;

  @BeforeAll
  static void start() throws Exception {
    shared = GatedStack.start("shared", folder);
  }

  @AfterAll
  static void stop() throws Exception {
    if (shared != null) { // there is none where there is no Envoy
      shared.close();
    }
  }

  private static List<CompletableFuture<Reply>> ask(Client gateway, int requests) {
    return ask(gateway, requests, "");
  }

  private static List<CompletableFuture<Reply>> ask(Client gateway, int requests, String text) {
    return IntStream.range(0, requests)
        .mapToObj(i -> gateway.chatLater(new Prompt(text, "question " + i, 2)))
        .toList();
  }

  private static List<Integer> statuses(List<CompletableFuture<Reply>> replies) {
    return replies.stream().map(reply -> reply.join().status()).sorted().toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"FULL", "LEAN"}) // the third mode gives a picker two seconds to answer
  void fiveHundredWaitAtOnceAndAreAnsweredWhenTheGateOpens(EnvoyMode mode) throws Exception {
    Gate gate = shared.nextGate("5m");

    List<CompletableFuture<Reply>> replies = ask(shared.gateway(mode), 500);
    shared.awaitWaiting(500);
    assertThat(shared.bufferedBodyBytes()).isPositive();
    assertThat(replies).noneMatch(CompletableFuture::isDone);
    gate.open();

    assertThat(statuses(replies)).hasSize(500).containsOnly(200);
    shared.awaitNothingIsHeld();
  }

  @Test
  void takesNoMoreMemoryRoundAfterRound() throws Exception {
    residentAfterRounds(ROUNDS_TO_GROW);
    long before = shared.epp().residentBytes();

    long[] after = residentAfterRounds(ROUNDS);

    System.out.printf(
        Locale.ROOT,
        "resident memory after rounds of 500 that waited, in MiB: %d, then %s%n",
        before / MEBI,
        LongStream.of(after).map(bytes -> bytes / MEBI).boxed().toList());
    assertThat(after[ROUNDS - 1] - before).isLessThan(MAX_GROWTH_BYTES);
  }

  /** Resident memory of the picker after each round of 500 that waited and were answered. */
  private static long[] residentAfterRounds(int rounds) throws Exception {
    Client gateway = shared.gateway(EnvoyMode.FULL);
    String text = "abc ".repeat(LONG_PROMPT_BYTES / 4);
    long[] resident = new long[rounds];
    for (int round = 0; round < rounds; round++) {
      Gate gate = shared.nextGate("5m");
      List<CompletableFuture<Reply>> replies = ask(gateway, 500, text);
      shared.awaitWaiting(500);
      gate.open();
      assertThat(statuses(replies)).hasSize(500).containsOnly(200);
      shared.awaitNothingIsHeld();
      resident[round] = shared.epp().residentBytes();
    }
    return resident;
  }

  @Test
  void aClientThatLeavesFreesItsMemoryAtOnce() {
    shared.nextGate("5m");
    for (int round = 0; round < 3; round++) {
      List<CompletableFuture<Reply>> replies = ask(shared.gateway(EnvoyMode.FULL), 100);
      shared.awaitWaiting(100);

      replies.forEach(reply -> reply.cancel(true));

      shared.awaitNothingIsHeld();
    }
  }

  @Test
  void whatWaitsIsAnsweredBeforeAPickerEnds() throws Exception {
    try (GatedStack stack = GatedStack.start("drain", folder)) {
      EppProcess epp = stack.epp();
      List<CompletableFuture<Reply>> replies = ask(stack.gateway(EnvoyMode.FULL), 50);
      stack.awaitWaiting(50);

      epp.terminate();
      GatedStack.within(() -> assertThat(epp.metrics().isOk("/readyz")).isFalse());
      stack.gate().open();

      assertThat(statuses(replies)).hasSize(50).containsOnly(200);
      epp.awaitEnd(Duration.ofSeconds(40));
    }
  }

  @Test
  void aReloadLosesNoneThatWaits() throws Exception {
    Client gateway = shared.gateway(EnvoyMode.FULL);
    Gate first = shared.nextGate("5m");
    List<CompletableFuture<Reply>> before = ask(gateway, 50);
    shared.awaitWaiting(50);

    Gate second = shared.nextGate("6m"); // the producer is built anew, the old one lingers
    List<CompletableFuture<Reply>> after = ask(gateway, 50);
    shared.awaitWaiting(100);
    first.open();
    assertThat(statuses(before)).hasSize(50).containsOnly(200);
    assertThat(after).noneMatch(CompletableFuture::isDone);
    second.open();

    assertThat(statuses(after)).hasSize(50).containsOnly(200);
    shared.awaitNothingIsHeld();
  }

  @Test
  void moreThanMayWaitAreRefused() throws Exception {
    try (GatedStack stack = GatedStack.start("bound", folder, "--max-waiting-requests=20")) {
      Client gateway = stack.gateway(EnvoyMode.FULL);
      List<CompletableFuture<Reply>> waiting = ask(gateway, 20);
      stack.awaitWaiting(20);

      List<CompletableFuture<Reply>> refused = ask(gateway, 10);

      assertThat(statuses(refused)).hasSize(10).containsOnly(429);
      assertThat(refused.getFirst().join().headers())
          .containsEntry("x-llm-d-request-dropped-reason", List.of("rejected-saturated"));
      assertThat(
              stack
                  .epp()
                  .metric("llm_d_epp_requests_rejected_total", "reason=\"too_many_waiting\""))
          .isEqualTo(10);
      stack.gate().open();
      assertThat(statuses(waiting)).containsOnly(200);
    }
  }

  @Test
  void aSpentBudgetCostsTheFactsAndNotTheAnswer() {
    shared.nextGate("50ms");
    EppProcess epp = shared.epp();
    long degraded = epp.metric("llm_d_epp_degraded_steps_total");

    Reply reply =
        shared.gateway(EnvoyMode.FULL).chat(Prompt.plain("hello", 2), "x-request-id", "spent");

    assertThat(reply.status()).isEqualTo(200);
    assertThat(epp.metric("llm_d_epp_degraded_steps_total") - degraded).isEqualTo(1);
    assertThat(epp.metrics().get("/debug/decisions?request_id=spent").body())
        .contains("\"degraded\":\"spent its budget of 50 ms\"");
  }
}
