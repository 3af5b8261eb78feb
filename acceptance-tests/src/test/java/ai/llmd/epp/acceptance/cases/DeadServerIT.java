package ai.llmd.epp.acceptance.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.Stack;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** dead-server-keeps-traffic: in the modes in which the gateway does not try a second server. */
class DeadServerIT {

  private record Running(
      Stack stack, EppProcess epp, Client gateway, MortalServer a, MortalServer b)
      implements AutoCloseable {

    static Running start(EnvoyMode mode) {
      Stack stack = Stack.empty("dead-server-" + mode, false);
      MortalServer a = MortalServer.start();
      MortalServer b = MortalServer.start();
      stack.list(a, a.port());
      stack.list(b, b.port());
      EppProcess epp = stack.startEpp();
      Client gateway = stack.startEnvoy(mode).gateway();
      return new Running(stack, epp, gateway, a, b);
    }

    RetryingClient client() {
      return new RetryingClient(gateway);
    }

    long count(String state) {
      return epp.metric("llm_d_epp_endpoint_health", "state=\"" + state + '"');
    }

    @Override
    public void close() throws Exception {
      stack.close();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FULL", "LEAN"})
  void aConversationLosesOneTryAtMostAndThenNone(EnvoyMode mode) throws Exception {
    try (Running running = Running.start(mode)) {
      List<Prompt> there = running.client().promptsAt(running.b(), 10);
      running.b().die();
      for (Prompt prompt : there) {
        assertThat(running.client().failures(prompt)).isLessThanOrEqualTo(1);
      }
      await().until(() -> running.count("out") == 1);
      for (Prompt prompt : there) {
        assertThat(running.client().failures(prompt)).isZero();
      }

      running.b().comeBack();
      await().until(() -> running.count("healthy") == 2);
      assertThat(running.client().promptsAt(running.b(), 3)).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FULL", "LEAN"})
  void oneIsStillPickedWhenEveryServerIsDead(EnvoyMode mode) throws Exception {
    try (Running running = Running.start(mode)) {
      running.a().die();
      running.b().die();
      await().until(() -> running.count("out") == 2);
      Reply reply = running.gateway().chat(Prompt.plain("Is anyone there?", 2));
      assertThat(reply.status()).isEqualTo(503);
      assertThat(reply.headers()).doesNotContainKey("x-llm-d-request-dropped-reason");

      running.a().comeBack();
      await().until(() -> running.count("healthy") == 1);
      assertThat(running.client().failures(Prompt.plain("And now?", 2))).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FULL", "LEAN"})
  void aServerThatFailsEveryRequestLosesItsTraffic(EnvoyMode mode) throws Exception {
    try (Running running = Running.start(mode)) {
      List<Prompt> there = running.client().promptsAt(running.b(), 10);
      running.b().answersWith(500);
      failUntilOut(running, there);

      running.client().askFor(Duration.ofSeconds(5), there);
      int before = running.b().requests();
      int all = running.client().ask(there, 100);
      assertThat(running.b().requests() - before).as("of %d", all).isLessThan(all / 100);

      running.b().answersWith(200);
      await()
          .pollInterval(Duration.ofMillis(10))
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                running.gateway().chat(there.get(0)); // one of these probes it
                return running.count("healthy") == 2;
              });
    }
  }

  /**
   * Asks for what is cached there. After two failures the server gets nothing until its next poll
   * is answered, so that quick questions do not put it out all by themselves.
   */
  private static void failUntilOut(Running running, List<Prompt> there) {
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              there.forEach(running.gateway()::chat);
              return running.count("out") == 1;
            });
  }
}
