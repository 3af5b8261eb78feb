package ai.llmd.epp.acceptance.replicas;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.adapter.state.redis.RedisServer;
import java.time.Duration;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Replicas and their Redis break and come back under load, with Envoy in mode resilient. */
@Tag("timed")
@NullUnmarked // the fields are set before the first test
class ReplicaChaosIT {

  private static final int REPLICAS = 3;

  private static SharingStack stack;
  private static RedisServer redis;

  @BeforeAll
  static void start() throws Exception {
    redis = new RedisServer();
    stack =
        SharingStack.start(
            "chaos", REPLICAS, () -> new SharedStore.Redis(redis.start()), Duration.ofSeconds(30));
  }

  @AfterAll
  static void stop() throws Exception {
    if (stack != null) { // there is none where there is no Envoy
      stack.close();
    }
  }

  @Test
  void losesNoRequestWhenAReplicaIsKilled() {
    try (Episode episode = stack.begin("a replica is killed")) {
      stack.replicas().kill(1);
      episode.broken();
      stack.replicas().restart(1);
      episode.replicasAreBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }

  @Test
  void losesNoRequestWhenTheStoreIsKilledAndAgreesWhenItIsBackEmpty() {
    loseTheStore("Redis is killed", redis::kill, redis::start);
  }

  @Test
  void losesNoRequestWhenTheStoreHangsAndAgreesWhenItGoesOn() {
    loseTheStore("Redis hangs", redis::hold, redis::resume);
  }

  private static void loseTheStore(String name, Runnable breaking, Runnable mending) {
    try (Episode episode = stack.begin(name)) {
      breaking.run();
      episode.broken();
      mending.run();
      episode.storeIsBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      assertThat(episode.missesWhileBroken()).as("the store was missed").isPositive();
      episode.assertAgreed();
    }
  }

  @Test
  void losesNoRequestWhenTheStoreIsRestartedEmpty() {
    try (Episode episode = stack.begin("Redis is restarted empty")) {
      episode.breaking();
      redis.kill();
      redis.start();
      episode.storeIsBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }

  @Test
  void losesNoRequestWhenEveryReplicaIsRestartedInTurn() {
    try (Episode episode = stack.begin("rolling restart")) {
      episode.breaking();
      for (int index = 0; index < REPLICAS; index++) {
        stack.replicas().drain(index);
        stack.replicas().restart(index);
      }
      episode.replicasAreBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }
}
