package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.acceptance.stack.Stack;
import ai.llmd.epp.acceptance.stack.SteadyLoad.Asked;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A replica goes while every body passes through it (mode full), killed and drained; with Hazelcast
 * it takes its part of the store along.
 */
@Tag("timed")
class ReplicaLossIT {

  private static final int REPLICAS = 3;

  @ParameterizedTest
  @EnumSource
  void failsOnlyWhatAKilledReplicaHadInHandAndNothingOfADrainedOne(SharedStore.Kind store)
      throws Exception {
    try (Stack stack = Stack.empty("loss-" + store, false)) {
      stack.startSimulator(3, "5ms");
      Replicas replicas = stack.startReplicasThatFollowPrefixes(REPLICAS, store.start(REPLICAS));
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.FULL, replicas);
      await().atMost(Duration.ofSeconds(30)).until(replicas::areSharing);

      killOne(store, replicas, envoy);
      drainOne(store, replicas, envoy);
    }
  }

  private static void killOne(SharedStore.Kind store, Replicas replicas, EnvoyProcess envoy) {
    try (Episode episode = Episode.begin(store + ", full, killed", replicas, envoy)) {
      replicas.kill(0);
      episode.broken();
      replicas.restart(0);
      episode.replicasAreBack();
      episode.end();

      for (Asked failed : episode.failed()) {
        assertThat(replicas.deciders(failed.id())).as("survivors asked for %s", failed).isEmpty();
        assertThat(failed.sentAtNanos() - episode.brokenAtNanos())
            .as("sent after the end of the replica: %s", failed)
            .isNegative();
      }
      episode.assertAgreed();
    }
  }

  private static void drainOne(SharedStore.Kind store, Replicas replicas, EnvoyProcess envoy) {
    try (Episode episode = Episode.begin(store + ", full, drained", replicas, envoy)) {
      episode.breaking();
      replicas.drain(1);
      replicas.restart(1);
      episode.replicasAreBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }
}
