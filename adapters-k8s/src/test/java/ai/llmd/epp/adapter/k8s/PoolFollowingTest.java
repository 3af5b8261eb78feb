package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.InferencePoolSpec;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of pools and pods, through a real API and real watches. */
class PoolFollowingTest {

  private final ApiServer server = new ApiServer();

  @AfterEach
  void close() {
    server.close();
  }

  private void put(Pod pod) {
    server.client().resource(pod).createOr(existing -> existing.update());
  }

  private void put(InferencePool pool) {
    server.client().resource(pool).createOr(existing -> existing.update());
  }

  @Test
  void keepsReadyPodsThatMatchAndNoOthers() {
    put(Pods.ready(1));
    put(Pods.unready(2));
    put(Pods.ready("other", "10.0.0.3", Map.of("app", "database")));
    Pod elsewhere = Pods.ready(4);
    elsewhere.getMetadata().setNamespace("another");
    put(elsewhere);
    put(Pools.pool(8000));

    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0");
      assertThat(following.endpoints())
          .containsExactly(
              new Endpoint(
                  new EndpointId("serving", "pod-1-rank-0"),
                  "pod-1",
                  "10.0.0.1",
                  8000,
                  "10.0.0.1:8000",
                  Pods.LABELS,
                  0,
                  "192.168.0.1"));
      following.awaitKnown();
      assertThat(following.pool.appProtocol()).isEqualTo("http");
    }
  }

  @Test
  void isUnknownUntilThereIsAPool() {
    put(Pods.ready(1));
    try (var following = Following.start(server)) {
      following.awaitUpToDate("pods", true);
      assertThat(following.pool.isKnown()).isFalse();
      assertThat(following.names()).isEmpty();

      put(Pools.pool(8000));

      following.awaitNames("pod-1-rank-0");
      following.awaitKnown();
    }
  }

  @Test
  void isKnownWithoutAnyReadyPod() {
    put(Pools.pool(8000));
    try (var following = Following.start(server)) {
      following.awaitKnown();
      assertThat(following.names()).isEmpty();
    }
  }

  @Test
  void followsAChangedSelector() {
    put(Pods.ready(1));
    put(Pods.ready("other", "10.0.0.2", Map.of("app", "sglang")));
    put(Pools.pool(8000));
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0");

      put(Pools.pool(Map.of("app", "sglang"), 8000));

      following.awaitNames("other-rank-0");
    }
  }

  @Test
  void followsChangedTargetPorts() {
    put(Pods.ready(1));
    put(Pools.pool(8080));
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0");
      EndpointState before = following.snapshot().member(0);

      put(Pools.pool(9090));
      await()
          .atMost(Following.PATIENCE)
          .untilAsserted(
              () -> assertThat(following.endpoints()).extracting(Endpoint::port).contains(9090));
      assertThat(following.snapshot().member(0)).as("keeps its state").isSameAs(before);

      put(Pools.pool(9090, 9091, 9092));
      following.awaitNames("pod-1-rank-0", "pod-1-rank-1", "pod-1-rank-2");
      assertThat(following.endpoints()).extracting(Endpoint::rank).containsExactly(0, 1, 2);

      put(Pools.pool(9090, 9091));
      following.awaitNames("pod-1-rank-0", "pod-1-rank-1");

      put(Pools.pool(9090));
      following.awaitNames("pod-1-rank-0");
    }
  }

  @Test
  void swapsPortsWhenTheirOrderChanges() {
    put(Pods.ready(1));
    put(Pools.pool(8000, 8001));
    try (var following = Following.start(server)) {
      following.awaitSize(2);

      put(Pools.pool(8001, 8000));

      await()
          .atMost(Following.PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(following.endpoints())
                      .extracting(Endpoint::rank, Endpoint::port)
                      .containsExactlyInAnyOrder(
                          org.assertj.core.groups.Tuple.tuple(0, 8001),
                          org.assertj.core.groups.Tuple.tuple(1, 8000)));
    }
  }

  @Test
  void clearsEverythingWithThePoolAndRestoresItWithANewOne() {
    put(Pods.ready(1));
    put(Pools.pool(8000));
    LlmdKinds.install(server);
    server.client().resource(Pools.objective("gold", 4)).create();
    server.client().resource(Pools.rewrite("old-names", "a", "b")).create();
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0");
      following.awaitKnown();
      assertThat(following.objectives()).hasSize(1);
      assertThat(following.rewrites()).hasSize(1);

      server.client().resource(Pools.pool(8000)).delete();

      following.awaitNames();
      await().atMost(Following.PATIENCE).until(() -> !following.pool.isKnown());
      assertThat(following.objectives()).isEmpty();
      assertThat(following.rewrites()).isEmpty();

      put(Pools.pool(8000));

      following.awaitNames("pod-1-rank-0");
      following.awaitKnown();
      assertThat(following.objectives()).hasSize(1);
      assertThat(following.rewrites()).hasSize(1);
    }
  }

  @Test
  void takesAPoolThatIsBeingDeletedForGone() {
    put(Pods.ready(1));
    InferencePool pool = Pools.pool(8000);
    pool.getMetadata().setFinalizers(List.of("example.com/hold"));
    put(pool);
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0");

      server.client().resource(pool).delete();

      following.awaitNames();
    }
  }

  @Test
  void keepsTheLastValidVersionOfAPool() {
    put(Pods.ready(1));
    put(Pools.pool(8000));
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0");

      InferencePool broken = Pools.pool(8000);
      broken.setSpec(new InferencePoolSpec(null, List.of(), "http", null));
      put(broken);
      put(Pods.ready(2)); // and what follows is applied

      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
    }
  }

  @Test
  void followsPodsThatComeChangeAndGo() {
    put(Pools.pool(8000));
    try (var following = Following.start(server)) {
      following.awaitKnown();

      put(Pods.ready(1));
      following.awaitNames("pod-1-rank-0");
      EndpointState before = following.snapshot().member(0);

      put(Pods.ready("pod-1", "10.9.9.9", Pods.LABELS));
      await()
          .atMost(Following.PATIENCE)
          .untilAsserted(() -> assertThat(before.endpoint().address()).isEqualTo("10.9.9.9"));
      assertThat(following.snapshot().member(0)).isSameAs(before);

      put(Pods.unready(1));
      following.awaitNames();

      put(Pods.ready(1));
      following.awaitNames("pod-1-rank-0");

      put(Pods.ready("pod-1", "10.0.0.1", Map.of("app", "database")));
      following.awaitNames();

      put(Pods.ready(1));
      following.awaitNames("pod-1-rank-0");

      server.client().resource(Pods.ready(1)).delete();
      following.awaitNames();
    }
  }

  @Test
  void losesAPodAsSoonAsItIsBeingDeleted() {
    put(Pools.pool(8000));
    Pod held =
        new PodBuilder(Pods.ready(1)).editMetadata().addToFinalizers("a/b").endMetadata().build();
    put(held);
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0");

      server.client().resource(held).delete();

      following.awaitNames();
    }
  }

  /** Nobody is left to mark it as not ready: the collector of orphaned pods marks it as failed. */
  @ParameterizedTest
  @ValueSource(strings = {"Failed", "Succeeded"})
  void losesAPodWhoseNodeIsGone(String phase) {
    put(Pools.pool(8000));
    put(Pods.ready(1));
    try (var following = Following.start(server)) {
      following.awaitNames("pod-1-rank-0");

      put(new PodBuilder(Pods.ready(1)).editStatus().withPhase(phase).endStatus().build());

      following.awaitNames();
    }
  }

  @Test
  void sendsNothingToAPodWhoseAddressIsAnothers() {
    put(Pools.pool(8000));
    put(Pods.ready("lost", "10.0.0.7", Pods.LABELS));
    try (var following = Following.start(server)) {
      following.awaitNames("lost-rank-0");

      put(Pods.ready("new", "10.0.0.7", Pods.LABELS));

      following.awaitNames("new-rank-0");
    }
  }

  @Test
  void writesIpv6AddressesAsTheyAreDialled() {
    put(Pools.pool(8000));
    put(Pods.ready("six", "fd00::1", Pods.LABELS));
    try (var following = Following.start(server)) {
      following.awaitNames("six-rank-0");
      assertThat(following.endpoints().getFirst().hostPort()).isEqualTo("[fd00::1]:8000");
      assertThat(following.endpoints().getFirst().metricsHost()).isEqualTo("[fd00::1]:8000");
    }
  }
}
