package ai.llmd.epp.acceptance.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.acceptance.stack.Stack;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The network between the first of three replicas and one of two servers is cut: that replica
 * avoids the server, the others keep using it.
 */
class CutReplicaIT {

  private static final int REPLICAS = 3;
  private static final int QUESTIONS = 12; // so that each replica is asked about some
  private static final int ROUNDS = 10;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** So many endpoints are healthy, by replica. */
  private static List<Long> healthy(Replicas replicas) {
    return replicas.metric("llm_d_epp_endpoint_health", "state=\"healthy\"");
  }

  private static MortalServer listed(Stack stack) {
    MortalServer server = MortalServer.start();
    stack.list(server, server.port());
    return server;
  }

  @ParameterizedTest
  @EnumSource(SharedStore.Kind.class)
  void theOtherReplicasKeepUsingTheServer(SharedStore.Kind store) throws Exception {
    try (Stack stack = Stack.empty("cut-replica-" + store, false)) {
      listed(stack);
      MortalServer server = listed(stack);
      try (CutWire wire = CutWire.to(server.port())) {
        Replicas replicas =
            stack.startReplicas(
                REPLICAS, store.start(REPLICAS), Map.of(server.port(), wire.port()));
        var client = new RetryingClient(stack.startEnvoy(EnvoyMode.FULL, replicas).gateway());
        await().atMost(PATIENCE).until(replicas::areSharing);
        List<Prompt> there = client.promptsAt(server, QUESTIONS);

        wire.cut();
        for (Prompt prompt : there) {
          assertThat(client.failures(prompt)).isLessThanOrEqualTo(1);
        }
        await().atMost(PATIENCE).until(() -> healthy(replicas).equals(List.of(1L, 2L, 2L)));
        for (int round = 0; round < ROUNDS; round++) {
          int before = server.requests();
          assertThat(there).allSatisfy(prompt -> assertThat(client.failures(prompt)).isZero());
          assertThat(server.requests()).as("the others still use it").isGreaterThan(before);
          assertThat(healthy(replicas)).containsExactly(1L, 2L, 2L);
        }

        wire.mend();
        await().atMost(PATIENCE).until(() -> healthy(replicas).equals(List.of(2L, 2L, 2L)));
        assertThat(there).allSatisfy(prompt -> assertThat(client.failures(prompt)).isZero());
      }
    }
  }
}
