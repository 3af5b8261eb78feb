package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import ai.llmd.epp.domain.pool.EndpointState;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiServerAwayTest {

  private final ApiServer server = ApiServer.withHistory();

  @BeforeEach
  void createPool() {
    Pools.createWithTwoPods(server);
  }

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void keepsThePoolWhileTheServerIsGoneAndMissesNothingWhenItReturns() {
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      following.awaitKnown();
      following.awaitUpToDate("pods", true);
      EndpointState second = following.member("pod-2");

      server.goAway();
      MissedChanges.make(server);

      following.awaitUpToDate("pods", false);
      await()
          .atMost(Following.PATIENCE)
          .untilAsserted(
              () -> assertThat(following.status("pods").syncAgeSeconds()).isGreaterThan(0.5));
      assertThat(following.names()).containsExactly("pod-1-rank-0", "pod-2-rank-0");
      assertThat(following.pool.isKnown()).isTrue();

      server.comeBack();

      MissedChanges.awaitAll(following, second);
      following.awaitUpToDate("pods", true);
      assertThat(following.status("pods").syncAgeSeconds()).isZero();
    }
  }

  @Test
  void noticesAServerThatHasFallenSilentWithoutClosingAConnection() {
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      following.awaitUpToDate("pods", true);
      EndpointState second = following.member("pod-2");

      server.fallSilent();
      MissedChanges.make(server);

      following.awaitUpToDate("pods", false);
      assertThat(following.names()).containsExactly("pod-1-rank-0", "pod-2-rank-0");

      server.comeBack();

      MissedChanges.awaitAll(following, second);
    }
  }

  @Test
  void startsBeforeTheServerDoes() {
    server.goAway();
    try (var following = Following.start(server)) {
      following.awaitUpToDate("pods", false);
      assertThat(following.pool.isKnown()).isFalse();

      server.comeBack();

      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      following.awaitKnown();
    }
  }

  @Test
  void waitsForASlowServer() {
    server.slowDown(Duration.ofMillis(700)); // beyond the patience of a probe
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");

      server.client().resource(Pods.ready(3)).create(); // watches are quick

      following.awaitSize(3);
    }
  }

  @Test
  void replacesAWatchThatMayBeDead() {
    MirrorSettings quick = Following.QUICK;
    var restless =
        new MirrorSettings(
            quick.superviseEvery(),
            quick.awaitEvery(),
            quick.probeEvery(),
            quick.probeTimeout(),
            Duration.ofMillis(200),
            quick.longestUnwatched(),
            quick.longestList(),
            quick.firstRetry(),
            quick.longestRetry(),
            quick.refusedFor());
    try (var following = Following.start(server, Pools.WATCHED, restless)) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      EndpointState second = following.member("pod-2");
      int watches = server.watches();

      await().atMost(Following.PATIENCE).until(() -> server.watches() > watches + 6);

      assertThat(following.member("pod-2")).isSameAs(second);
      server.client().resource(Pods.ready(1)).delete();
      following.awaitNames("pod-2-rank-0");
    }
  }

  @Test
  void keepsThePoolWhenThePermissionIsTakenAway() {
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");

      server.forbid("/pods");
      server.breakConnections();

      following.awaitUpToDate("pods", false);
      assertThat(following.names()).containsExactly("pod-1-rank-0", "pod-2-rank-0");

      server.permitEverything();
      MissedChanges.make(server);

      following.awaitNames("pod-2-rank-0", "pod-3-rank-0");
    }
  }
}
