package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import ai.llmd.epp.domain.pool.EndpointState;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watches that end, against an API server that remembers what happened, for a while. */
class WatchHistoryTest {

  /**
   * Longer than the API server is away here, so that a watch is refused before it is given up; an
   * event of a watch is enough without.
   */
  private static final Duration UNWATCHED = Duration.ofSeconds(5);

  private static final int MAX_ATTEMPTS = 5;

  /** No probe of the API server, so that nothing but a watch can notice its absence. */
  private static MirrorSettings unprobed(Duration longestUnwatched) {
    return new MirrorSettings(
        Following.QUICK.superviseEvery(),
        Following.QUICK.awaitEvery(),
        Duration.ofHours(1),
        Following.PATIENCE,
        Duration.ofHours(1),
        longestUnwatched,
        Following.PATIENCE,
        Following.QUICK.firstRetry(),
        Following.QUICK.longestRetry(),
        Following.QUICK.refusedFor());
  }

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
  void followsOnAfterItsConnectionsBroke() {
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      for (int round = 3; round < 13; round++) {
        server.breakConnections();
        server.client().resource(Pods.ready(round)).create();
        following.awaitSize(round);
      }
    }
  }

  @Test
  void missesNothingOfTheHistory() {
    try (var following = Following.start(server, Pools.WATCHED, unprobed(Duration.ofHours(1)))) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      following.awaitKnown();
      following.awaitUpToDate("pods", true);
      EndpointState second = following.member("pod-2");

      server.goAway();
      MissedChanges.make(server);
      server.comeBack();

      MissedChanges.awaitAll(following, second);
    }
  }

  /** A watch that tries again while the server is away is not refused: then once more. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void listsAnewWhenTheHistoryIsGone(boolean byStatus) {
    int refused = 0;
    for (int attempt = 0; attempt < MAX_ATTEMPTS && refused == 0; attempt++) {
      try (ApiServer forgetful = ApiServer.withHistory()) {
        Pools.createWithTwoPods(forgetful);
        forgetful.refuseByStatus(byStatus);
        refused = refusedAfterAnAbsence(forgetful, byStatus ? UNWATCHED : Duration.ofHours(1));
      }
    }
    assertThat(refused).as("410 Gone").isPositive();
  }

  /** Watches that are refused; all changes are seen. */
  private static int refusedAfterAnAbsence(ApiServer server, Duration unwatched) {
    try (var following = Following.start(server, Pools.WATCHED, unprobed(unwatched))) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      following.awaitKnown();
      following.awaitUpToDate("pods", true);
      EndpointState second = following.member("pod-2");
      int before = server.refusedWatches();

      server.goAway();
      MissedChanges.make(server);
      server.forgetHistory();
      server.comeBack();

      MissedChanges.awaitAll(following, second);
      int refused = server.refusedWatches() - before;

      server.client().resource(Pods.ready(4)).create();
      following.awaitSize(3);
      return refused;
    }
  }
}
