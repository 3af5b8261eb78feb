package ai.llmd.epp.acceptance.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Load;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Reply;
import ai.llmd.epp.acceptance.stack.SimulatorProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A model server dies under load. */
class EndpointLossIT {

  @ParameterizedTest
  @EnumSource
  void sendsNothingToAnEndpointThatIsNoLongerListed(EnvoyMode mode) throws Exception {
    try (Stack stack = Stack.empty("endpoint-loss-" + mode, false)) {
      SimulatorProcess survivors = stack.startSimulator(2, "2ms");
      SimulatorProcess victim = stack.startSimulator(1, "2ms");
      EppProcess epp = stack.startEpp();
      Client gateway = stack.startEnvoy(mode).gateway();

      try (Load load = Load.on(gateway)) {
        load.awaitMore(50);
        assertThat(knows(epp, victim.ports().getFirst())).isTrue();
        victim.close();
        stack.endpoints().list(survivors.ports());
        await().until(() -> !knows(epp, victim.ports().getFirst()));
        long removed = load.sent();
        load.awaitMore(100);

        List<Reply> later = load.repliesFrom(removed);
        assertThat(later).hasSizeGreaterThan(50);
        assertThat(later).extracting(Reply::status).containsOnly(200);
        assertThat(later).extracting(Reply::servedBy).isSubsetOf(survivors.ports());
      }
    }
  }

  @Test
  void servesARequestElsewhereWhenThePickedEndpointRefusesTheConnection() throws Exception {
    try (Stack stack = Stack.empty("endpoint-refuses", false)) {
      SimulatorProcess survivors = stack.startSimulator(2, "2ms");
      SimulatorProcess victim = stack.startSimulator(1, "2ms");
      stack.startEpp();
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.RESILIENT);
      int dead = victim.ports().getFirst();
      Prompt atTheVictim = promptServedBy(envoy.gateway(), dead);

      victim.close();
      await().until(() -> envoy.connectionsTo(dead) == 0);

      List<Reply> replies =
          IntStream.range(0, 5).mapToObj(i -> envoy.gateway().chat(atTheVictim)).toList();
      assertThat(replies).extracting(Reply::status).containsOnly(200);
      assertThat(replies).extracting(Reply::servedBy).isSubsetOf(survivors.ports());
      assertThat(envoy.bypassedPicker()).isZero();
    }
  }

  /** A prompt whose prefix the picker has just learnt to be at this endpoint. */
  private static Prompt promptServedBy(Client gateway, int port) {
    for (int i = 0; i < 200; i++) {
      Prompt prompt = Prompt.about("topic number " + i, "Say something.");
      if (gateway.chat(prompt).servedBy() == port) {
        return prompt;
      }
    }
    throw new AssertionError("none of 200 prompts went to port " + port);
  }

  /** Whether the endpoint is in the picker's pool; this gauge is computed when it is asked for. */
  private static boolean knows(EppProcess epp, int port) {
    return epp.metrics()
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("llm_d_epp_per_endpoint_queue_size{"))
        .anyMatch(line -> line.contains("model-" + port));
  }
}
