package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Watches whose other end dies without a word, while the API server answers everything else. */
class SilentWatchTest {

  private final ApiServer server = ApiServer.withHistory();

  @BeforeEach
  void createPool() {
    Pools.createWithTwoPods(server);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Following follow() {
    MirrorSettings quick = Following.QUICK;
    Duration never = Duration.ofHours(1);
    return Following.start(
        server,
        Pools.WATCHED,
        new MirrorSettings(
            quick.superviseEvery(),
            quick.awaitEvery(),
            quick.probeEvery(),
            quick.probeTimeout(),
            never, // nothing is listed anew in the ordinary way
            never,
            quick.longestList(),
            quick.firstRetry(),
            quick.longestRetry(),
            quick.refusedFor()));
  }

  @Test
  void areReplacedAndNothingIsMissed() {
    try (var following = follow()) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      following.awaitUpToDate("pods", true);

      server.killWatches();
      server.client().resource(Pods.unready(1)).update();

      following.awaitNames("pod-2-rank-0");
      following.awaitUpToDate("pods", true);
      assertThat(following.status("pods").syncAgeSeconds()).isZero();
    }
  }

  @Test
  void areSaidToBeLateBeforeTheyAreReplaced() {
    try (var following = follow()) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      following.awaitUpToDate("pods", true);

      server.killWatches();

      await()
          .atMost(Following.PATIENCE)
          .pollInterval(Duration.ofMillis(5))
          .untilAsserted(
              () -> {
                var status = following.status("pods");
                assertThat(status.isUpToDate()).isFalse();
                assertThat(status.syncAgeSeconds())
                    .isGreaterThan(Following.PING_EVERY.toMillis() / 1e3);
              });
    }
  }

  @Test
  void areLeftAloneWhenNothingHappens() {
    try (var following = follow()) {
      following.awaitUpToDate("pods", true);
      following.awaitUpToDate("inferencepools", true);
      AtomicInteger watches = new AtomicInteger(server.watches());

      await() // for a while without a ping that the machine was too busy to answer
          .during(Following.PING_EVERY.multipliedBy(8))
          .until(
              () -> {
                int begun = server.watches();
                return following.status("pods").isUpToDate() && watches.getAndSet(begun) == begun;
              });
    }
  }

  /** A ping, the time without an answer, a look at the watches, and a handshake that hangs. */
  @Test
  void areNoticedWithin40Seconds() {
    try (var connection =
        ApiConnection.of(server.config(), ApiConnection.PING_EVERY, System::nanoTime)) {
      assertThat(
              ApiConnection.PING_EVERY
                  .plus(connection.dead())
                  .plus(MirrorSettings.DEFAULTS.superviseEvery())
                  .plus(Duration.ofSeconds(10)))
          .isLessThan(Duration.ofSeconds(40));
    }
  }
}
