package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.SharedStore;
import java.time.Duration;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Replicas that are the store themselves, as Hazelcast members, part and find together under load,
 * with Envoy in mode resilient.
 */
@Tag("timed")
@NullUnmarked // the fields are set before the first test
class ReplicaSplitIT {

  private static final int REPLICAS = 3;

  private static SharingStack stack;

  @BeforeAll
  static void start() throws Exception {
    stack =
        SharingStack.start(
            "split", REPLICAS, () -> SharedStore.Hazelcast.of(REPLICAS), Duration.ofSeconds(60));
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) { // there is none where there is no Envoy
      stack.close();
    }
  }

  /**
   * The others leave a silent member out after 5 s; it then takes them for gone, and both sides go
   * on alone.
   */
  @Test
  void losesNoRequestWhenTheClusterSplitsAndAgreesWhenItHasMerged() {
    try (Episode episode = stack.begin("Hazelcast splits")) {
      stack.replicas().hold(2);
      episode.broken();
      episode.stillBroken();
      stack.replicas().resume(2);
      episode.replicasAreBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }

  /** What two members kept has one copy, which may have been with the other one. */
  @Test
  void losesNoRequestWhenTwoReplicasDieAtOnce() {
    try (Episode episode = stack.begin("two replicas are killed")) {
      stack.replicas().kill(0);
      stack.replicas().kill(1);
      episode.broken();
      stack.replicas().restart(0);
      stack.replicas().restart(1);
      episode.replicasAreBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }
}
