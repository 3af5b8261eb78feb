package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * An API server whose store was put back to an older state, so quickly that nobody missed it.
 * Watches resume at a version that is yet to come, and hear nothing.
 */
class RestoredStoreTest {

  private final ApiServer server = ApiServer.withHistory();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void isListedAnew() {
    Pools.createWithTwoPods(server);
    server.backUp();
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      for (int pod = 3; pod < 20; pod++) {
        server.client().resource(Pods.ready(pod)).create();
      }
      server.client().resource(Pods.ready(1)).delete();
      following.awaitSize(18);
      following.awaitUpToDate("pods", true);

      server.restore();

      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");

      server.client().resource(Pods.ready(2)).delete();

      following.awaitNames("pod-1-rank-0");
    }
  }
}
