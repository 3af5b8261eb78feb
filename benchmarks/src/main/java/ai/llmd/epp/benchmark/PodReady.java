package ai.llmd.epp.benchmark;

import ai.llmd.epp.adapter.k8s.KubernetesPool;
import ai.llmd.epp.adapter.k8s.LabelSelector;
import ai.llmd.epp.adapter.k8s.MirrorSettings;
import ai.llmd.epp.adapter.k8s.WatchedPool;
import ai.llmd.epp.adapter.k8s.connection.ApiConnection;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * How long it takes from a pod's becoming ready to its endpoint in the pool that requests see: the
 * write to the API server, the watch, the new pool. Arguments: pods (500), rounds (500).
 */
public final class PodReady {

  private static final int WARM_UP_ROUNDS = 100;
  private static final long LOOK_EVERY_NANOS = 50_000; // a spinning thread would take a core away
  private static final double NANOS_PER_MILLI = 1e6;

  private PodReady() {}

  public static void main(String[] arguments) {
    int pods = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 500;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 500;
    LivePool live = new LivePool("pool", List.of(), (point, type, name, failure) -> {});
    try (ApiServer server = new ApiServer();
        ApiConnection connection =
            ApiConnection.of(server.config(), ApiConnection.PING_EVERY, System::nanoTime);
        KubernetesPool pool =
            new KubernetesPool(
                connection,
                new WatchedPool.BySelector(
                    Pods.NAMESPACE, "pool", LabelSelector.parse("app=vllm"), List.of(8000)),
                new EndpointDiscovery.Keepers(live, objectives -> {}, rewrites -> {}),
                MirrorSettings.DEFAULTS,
                System::nanoTime)) {
      for (int pod = 0; pod < pods; pod++) {
        server.client().resource(Pods.ready(pod)).create();
      }
      pool.start();
      awaitSize(live, pods);
      measure(server, live, pods, WARM_UP_ROUNDS);
      print(pods, measure(server, live, pods, rounds));
    }
    System.exit(0); // the mock server leaves threads behind
  }

  private static long[] measure(ApiServer server, LivePool live, int pods, int rounds) {
    long[] nanos = new long[rounds];
    for (int round = 0; round < rounds; round++) {
      int pod = round * 7 % pods;
      server.client().resource(Pods.unready(pod)).update();
      awaitSize(live, pods - 1);
      long begun = System.nanoTime();
      server.client().resource(Pods.ready(pod)).update();
      awaitSize(live, pods);
      nanos[round] = System.nanoTime() - begun;
    }
    return nanos;
  }

  private static void awaitSize(LivePool live, int size) {
    while (live.current().size() != size) {
      LockSupport.parkNanos(LOOK_EVERY_NANOS);
    }
  }

  private static void print(int pods, long[] nanos) {
    Arrays.sort(nanos);
    System.out.printf(
        "pod ready -> endpoint in the pool, %d pods, %d rounds: P50 %.1f ms, P99 %.1f ms,"
            + " most %.1f ms%n",
        pods,
        nanos.length,
        nanos[nanos.length / 2] / NANOS_PER_MILLI,
        nanos[nanos.length * 99 / 100] / NANOS_PER_MILLI,
        nanos[nanos.length - 1] / NANOS_PER_MILLI);
  }
}
