package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.acceptance.stack.Stack;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Replicas of an earlier version are replaced by this one, one after another, under load, and back
 * again. The earlier one is built beside this checkout; {@code -Dold.dist} is its {@code
 * bootstrap/target/dist}.
 */
@Tag("timed")
class RollingUpgradeIT {

  private static final int REPLICAS = 3;

  @ParameterizedTest
  @EnumSource
  void failsNothingAndKeepsWhatWasLearned(SharedStore.Kind store) throws Exception {
    String path = System.getProperty("old.dist", "");
    assumeTrue(!path.isEmpty(), "no earlier version: -Dold.dist=…/bootstrap/target/dist");
    Path earlier = Path.of(path).toAbsolutePath();
    assertThat(earlier.resolve("bin/epp")).matches(Files::isExecutable);
    try (Stack stack = Stack.empty("upgrade-" + store, false)) {
      stack.startSimulator(3, "5ms");
      Replicas replicas =
          stack.startReplicasThatFollowPrefixes(earlier, REPLICAS, store.start(REPLICAS));
      EnvoyProcess envoy = stack.startEnvoy(EnvoyMode.FULL, replicas);
      await().atMost(Duration.ofSeconds(30)).until(replicas::areSharing);

      replaceAll(store + ", upgrade", Stack.distribution(), replicas, envoy);
      replaceAll(store + ", downgrade", earlier, replicas, envoy);
    }
  }

  private static void replaceAll(
      String name, Path distribution, Replicas replicas, EnvoyProcess envoy) {
    replicas.startFrom(distribution);
    for (int index = 0; index < REPLICAS; index++) {
      try (Episode episode = Episode.begin(name + " of replica " + index, replicas, envoy)) {
        episode.breaking();
        replicas.drain(index);
        replicas.restart(index);
        episode.replicasAreBack();
        episode.end();

        assertThat(episode.failed()).isEmpty();
        if (index == REPLICAS - 1) {
          episode.assertAgreed();
        }
      }
    }
  }
}
