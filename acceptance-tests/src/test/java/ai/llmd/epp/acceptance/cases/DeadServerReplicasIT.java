package ai.llmd.epp.acceptance.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.acceptance.stack.Stack;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** dead-server-keeps-traffic: with three replicas that share what they find. */
class DeadServerReplicasIT {

  private static final int REPLICAS = 3;

  /** A second or two, and ten times that on a machine that is busy. */
  private static final Duration BACK_WITHIN = Duration.ofSeconds(20);

  private record Running(
      Stack stack, Replicas replicas, Client gateway, MortalServer a, MortalServer b)
      implements AutoCloseable {

    static Running start(EnvoyMode mode, SharedStore.Kind store) throws Exception {
      Stack stack = Stack.empty("dead-server-" + mode + '-' + store, false);
      try {
        MortalServer a = MortalServer.start();
        MortalServer b = MortalServer.start();
        stack.list(a, a.port());
        stack.list(b, b.port());
        Replicas replicas = stack.startReplicas(REPLICAS, store.start(REPLICAS));
        Client gateway = stack.startEnvoy(mode, replicas).gateway();
        await().atMost(Duration.ofSeconds(60)).until(replicas::areSharing);
        return new Running(stack, replicas, gateway, a, b);
      } catch (RuntimeException e) {
        try (stack) {
          throw e;
        }
      }
    }

    RetryingClient client() {
      return new RetryingClient(gateway, this::awaitAgreement);
    }

    /** Whether each replica has so many endpoints in this state. */
    boolean allCount(String state, int count) {
      return count(state).stream().allMatch(found -> found == count);
    }

    private List<Long> count(String state) {
      return replicas.metric("llm_d_epp_endpoint_health", "state=\"" + state + '"');
    }

    /**
     * Each replica has what the others found: requests that follow at once, as those of a test do
     * and those of a client that waits before it asks again do not, are faster than that.
     */
    void awaitAgreement() {
      await()
          .pollInterval(Duration.ofMillis(10))
          .until(() -> count("healthy").stream().distinct().count() == 1);
    }

    @Override
    public void close() throws Exception {
      stack.close();
    }
  }

  private static void losesOneTryAtMostAndThenNone(EnvoyMode mode, SharedStore.Kind store)
      throws Exception {
    try (Running running = Running.start(mode, store)) {
      List<Prompt> there = running.client().promptsAt(running.b(), 10);
      running.b().die();
      for (Prompt prompt : there) {
        assertThat(running.client().failures(prompt)).isLessThanOrEqualTo(1);
      }
      await().until(() -> running.allCount("out", 1));
      for (Prompt prompt : there) {
        assertThat(running.client().failures(prompt)).isZero();
      }
      running.b().comeBack();
      await().atMost(BACK_WITHIN).until(() -> running.allCount("healthy", 2));
      assertThat(running.client().promptsAt(running.b(), 3)).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void aConversationLosesOneTryAtMostWithModeFull(SharedStore.Kind store) throws Exception {
    losesOneTryAtMostAndThenNone(EnvoyMode.FULL, store);
  }

  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void aConversationLosesOneTryAtMostWithModeLean(SharedStore.Kind store) throws Exception {
    losesOneTryAtMostAndThenNone(EnvoyMode.LEAN, store);
  }

  /** Where polls show nothing, what one replica has found keeps the others away. */
  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void aServerThatFailsEveryRequestLosesItsTrafficOnAllReplicas(SharedStore.Kind store)
      throws Exception {
    try (Running running = Running.start(EnvoyMode.FULL, store)) {
      List<Prompt> there = running.client().promptsAt(running.b(), 10);
      running.b().answersWith(500);
      int before = running.b().requests();
      for (int round = 0; round < 20 && !running.allCount("healthy", 1); round++) {
        for (Prompt prompt : there) {
          running.gateway().chat(prompt);
          running.awaitAgreement();
        }
      }
      assertThat(running.allCount("healthy", 1)).isTrue();
      assertThat(running.b().requests() - before)
          .as("three failures at each replica would be %d", 3 * REPLICAS)
          .isLessThan(3 * REPLICAS);

      running.client().askFor(Duration.ofSeconds(5), there);
      int found = running.b().requests();
      int all = running.client().ask(there, 100);
      assertThat(running.b().requests() - found).as("of %d", all).isLessThan(all / 100);

      running.b().answersWith(200);
      await()
          .pollInterval(Duration.ofMillis(10))
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                running.gateway().chat(there.get(0)); // one of these probes it
                return running.allCount("healthy", 2);
              });
    }
  }

  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void oneIsStillPickedWhenEveryServerIsDead(SharedStore.Kind store) throws Exception {
    try (Running running = Running.start(EnvoyMode.LEAN, store)) {
      running.a().die();
      running.b().die();
      await().until(() -> running.allCount("out", 2));
      assertThat(running.gateway().chat(Prompt.plain("Is anyone there?", 2)).headers())
          .doesNotContainKey("x-llm-d-request-dropped-reason");
      running.a().comeBack();
      await().until(() -> running.allCount("healthy", 1));
      assertThat(running.client().failures(Prompt.plain("And now?", 2))).isZero();
    }
  }
}
