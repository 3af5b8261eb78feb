package ai.llmd.epp.adapter.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManyPodsTest {

  private final ApiServer server = new ApiServer();

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void arriveAtOnceAndNotOneByOne() {
    server.client().resource(Pools.pool(8000)).create();
    for (int i = 0; i < 2000; i++) {
      server.client().resource(Pods.ready(i)).create();
    }
    AtomicInteger kept = new AtomicInteger();
    try (var following =
        Following.start(
            server, pool -> Following.before(endpoints -> kept.incrementAndGet(), pool))) {
      following.awaitSize(2000);
      assertThat(kept.get()).as("pools handed over for the first list").isEqualTo(1);

      server.client().resource(Pods.ready(2000)).create();
      following.awaitSize(2001);

      server.client().resource(Pools.pool(Map.of("app", "nobody"), 8000)).update();
      following.awaitSize(0);
      assertThat(kept.get()).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void areHandedOverByWhatChanges() {
    server.client().resource(Pools.pool(8000)).create();
    for (int i = 0; i < 500; i++) {
      server.client().resource(Pods.ready(i)).create();
    }
    AtomicInteger most = new AtomicInteger();
    try (var following =
        Following.start(
            server,
            pool ->
                Following.before(
                    endpoints -> most.accumulateAndGet(endpoints.size(), Math::max), pool))) {
      following.awaitSize(500);
      most.set(0);

      server.client().resource(Pods.ready(500)).create();
      following.awaitSize(501);
      server.client().resource(Pods.ready(7)).delete();
      following.awaitSize(500);
      server.client().resource(Pods.ready("pod-8", "10.9.9.9", Pods.LABELS)).update();
      await()
          .atMost(Following.PATIENCE)
          .until(() -> following.member("pod-8").endpoint().address().equals("10.9.9.9"));

      assertThat(most.get()).as("endpoints handed over for one pod").isEqualTo(1);
    }
  }

  @Test
  void flapWithoutLeavingATrace() {
    server.client().resource(Pools.pool(8000)).create();
    server.client().resource(Pods.ready(1)).create();
    try (var following = Following.start(server)) {
      following.awaitSize(1);
      for (int round = 0; round < 50; round++) {
        server.client().resource(Pods.unready(1)).update();
        server.client().resource(Pods.ready(1)).update();
      }
      server.client().resource(Pods.ready(2)).create(); // sent after all of that

      following.awaitNames("pod-1-rank-0", "pod-2-rank-0");
      assertThat(following.snapshot().slotCount()).isLessThanOrEqualTo(3);
    }
  }

  /** Whatever the order in which events arrive, the end is what the server has. */
  @Test
  void endLikeTheServerAfterConcurrentChangesOfPoolAndPods() throws Exception {
    server.client().resource(Pools.pool(8000)).create();
    try (var following = Following.start(server);
        ExecutorService writers = Executors.newFixedThreadPool(4)) {
      following.awaitKnown();
      List<Future<?>> all = new ArrayList<>();
      for (int writer = 0; writer < 3; writer++) {
        int first = writer * 20;
        all.add(writers.submit(() -> churn(first, new Random(first))));
      }
      all.add(writers.submit(this::changeThePool));
      for (Future<?> one : all) {
        one.get();
      }
      TreeSet<String> expected = new TreeSet<>();
      server.client().pods().inNamespace(Pods.NAMESPACE).list().getItems().stream()
          .filter(pod -> pod.getMetadata().getLabels().equals(Pods.LABELS))
          .filter(pod -> pod.getStatus().getConditions().getFirst().getStatus().equals("True"))
          .forEach(pod -> expected.add(pod.getMetadata().getName() + "-rank-0"));
      assertThat(expected).isNotEmpty();
      following.awaitNames(expected.toArray(String[]::new));
    }
  }

  private void churn(int first, Random random) {
    for (int round = 0; round < 40; round++) {
      int pod = first + random.nextInt(20);
      switch (random.nextInt(4)) {
        case 0 -> server.client().resource(Pods.ready(pod)).delete();
        case 1 -> server.client().resource(Pods.unready(pod)).createOr(old -> old.update());
        case 2 ->
            server
                .client()
                .resource(Pods.ready("pod-" + pod, Pods.address(pod), Map.of("app", "x")))
                .createOr(old -> old.update());
        default -> server.client().resource(Pods.ready(pod)).createOr(old -> old.update());
      }
    }
    server.client().resource(Pods.ready(first)).createOr(old -> old.update());
  }

  private void changeThePool() {
    for (int round = 0; round < 8; round++) {
      server.client().resource(Pools.pool(8000, 8001)).update();
      server.client().resource(Pools.pool(Map.of("app", "x"), 8000)).update();
      server.client().resource(Pools.pool(8000)).delete();
      server.client().resource(Pools.pool(8000)).create();
    }
  }

  /** Whoever is handed a pool may object; it is handed over again. */
  @Test
  void areHandedOverAgainWhenThePoolObjects() {
    server.client().resource(Pools.pool(8000)).create();
    server.client().resource(Pods.ready(1)).create();
    AtomicInteger failures = new AtomicInteger(3);
    try (var following =
        Following.start(
            server,
            pool ->
                Following.before(
                    endpoints -> {
                      if (failures.getAndDecrement() > 0) {
                        throw new IllegalStateException("not now");
                      }
                    },
                    pool))) {
      following.awaitNames("pod-1-rank-0");
      following.awaitKnown();
      await().until(() -> failures.get() < 0);
    }
  }
}
