package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import ai.llmd.epp.domain.pool.EndpointState;

/** Changes of every sort to a pool of two pods, made while no watch is open. */
final class MissedChanges {

  private MissedChanges() {}

  /** The first pod goes, the second moves, a third comes. */
  static void make(ApiServer server) {
    server.client().resource(Pods.ready(1)).delete();
    server.client().resource(Pods.ready("pod-2", "10.7.7.7", Pods.LABELS)).update();
    server.client().resource(Pods.ready(3)).create();
  }

  /**
   * Waits until all are known.
   *
   * @param second the second pod's, which it keeps
   */
  static void awaitAll(Following following, EndpointState second) {
    following.awaitNames("pod-2-rank-0", "pod-3-rank-0");
    await()
        .atMost(Following.PATIENCE)
        .untilAsserted(() -> assertThat(second.endpoint().address()).isEqualTo("10.7.7.7"));
    assertThat(following.member("pod-2")).as("keeps its state").isSameAs(second);
  }
}
