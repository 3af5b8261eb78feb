package ai.llmd.epp.bootstrap.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.state.redis.RedisServer;
import java.time.Duration;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Replicas and their Redis break and come back under load, with Envoy in mode resilient. */
@NullUnmarked // the fields are set before the first test
class ReplicaChaosIT {

  private static final int REPLICAS = 3;

  private static Stack stack;
  private static RedisServer redis;
  private static Replicas replicas;
  private static EnvoyProcess envoy;

  @BeforeAll
  static void start() {
    stack = Stack.empty("chaos", false);
    stack.startSimulator(3, "5ms");
    redis = new RedisServer().start();
    replicas = stack.startReplicas(REPLICAS, new SharedStore.Redis(redis));
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
    await().atMost(Duration.ofSeconds(30)).until(replicas::areSharing);
  }

  @Test
  void losesNoRequestWhenAReplicaIsKilled() {
    try (Episode episode = Episode.begin("a replica is killed", replicas, envoy)) {
      replicas.kill(1);
      episode.broken();
      replicas.restart(1);
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
    try (Episode episode = Episode.begin(name, replicas, envoy)) {
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
    try (Episode episode = Episode.begin("Redis is restarted empty", replicas, envoy)) {
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
    try (Episode episode = Episode.begin("rolling restart", replicas, envoy)) {
      episode.breaking();
      for (int index = 0; index < REPLICAS; index++) {
        replicas.drain(index);
        replicas.restart(index);
      }
      episode.replicasAreBack();
      episode.end();

      assertThat(episode.failed()).isEmpty();
      episode.assertAgreed();
    }
  }
}
