package ai.llmd.epp.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Replicas that are the store themselves, as Hazelcast members, part and find together under load,
 * with Envoy in mode resilient.
 */
@NullUnmarked // the fields are set before the first test
class ReplicaSplitIT {

  private static final int REPLICAS = 3;

  private static Stack stack;
  private static Replicas replicas;
  private static EnvoyProcess envoy;

  @BeforeAll
  static void start() {
    stack = Stack.empty("split", false);
    stack.startSimulator(3, "5ms");
    replicas = stack.startReplicas(REPLICAS, SharedStore.Hazelcast.of(REPLICAS));
    envoy = stack.startEnvoy(EnvoyMode.RESILIENT, replicas);
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) { // there is none where there is no Envoy
      stack.close();
    }
  }

  @BeforeEach
  void allReplicasShare() {
    await().atMost(Duration.ofSeconds(60)).until(replicas::areSharing);
  }

  /**
   * The others leave a silent member out after 5 s; it then takes them for gone, and both sides go
   * on alone.
   */
  @Test
  void losesNoRequestWhenTheClusterSplitsAndAgreesWhenItHasMerged() {
    try (Episode episode = Episode.begin("Hazelcast splits", replicas, envoy)) {
      replicas.hold(2);
      episode.broken();
      episode.stillBroken();
      replicas.resume(2);
      episode.replicasAreBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }

  /** What two members kept has one copy, which may have been with the other one. */
  @Test
  void losesNoRequestWhenTwoReplicasDieAtOnce() {
    try (Episode episode = Episode.begin("two replicas are killed", replicas, envoy)) {
      replicas.kill(0);
      replicas.kill(1);
      episode.broken();
      replicas.restart(0);
      replicas.restart(1);
      episode.replicasAreBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }
}
