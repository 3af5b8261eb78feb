package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.InferenceModelRewriteResource;
import ai.llmd.epp.adapter.k8s.api.InferenceModelRewriteSpec;
import ai.llmd.epp.adapter.k8s.api.InferenceObjectiveResource;
import ai.llmd.epp.adapter.k8s.api.InferenceObjectiveSpec;
import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.InferencePoolSpec;
import ai.llmd.epp.adapter.k8s.api.PoolRef;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The objects around a pool. */
final class Pools {

  static final String NAME = "llama";
  static final String GROUP = "inference.networking.k8s.io";
  static final WatchedPool.ByName WATCHED = new WatchedPool.ByName(Pods.NAMESPACE, NAME, GROUP);

  private Pools() {}

  static InferencePool pool(int... ports) {
    return pool(Pods.LABELS, ports);
  }

  static InferencePool pool(Map<String, String> labels, int... ports) {
    InferencePool pool = new InferencePool();
    pool.setMetadata(new ObjectMetaBuilder().withNamespace(Pods.NAMESPACE).withName(NAME).build());
    pool.setSpec(
        new InferencePoolSpec(
            new InferencePoolSpec.Selector(labels),
            IntStream.of(ports).mapToObj(InferencePoolSpec.Port::new).toList(),
            "http",
            null));
    return pool;
  }

  /** The pool with port 8000, and {@code pod-1} and {@code pod-2} in it. */
  static void createWithTwoPods(ApiServer server) {
    server.client().resource(pool(8000)).create();
    server.client().resource(Pods.ready(1)).create();
    server.client().resource(Pods.ready(2)).create();
  }

  static InferenceObjectiveResource objective(String name, @Nullable Integer priority) {
    return objective(new InferenceObjectiveResource(), name, priority, ref(NAME));
  }

  static <O extends InferenceObjectiveResource> O objective(
      O objective, String name, @Nullable Integer priority, PoolRef ref) {
    objective.setMetadata(
        new ObjectMetaBuilder().withNamespace(Pods.NAMESPACE).withName(name).build());
    objective.setSpec(new InferenceObjectiveSpec(priority, ref));
    return objective;
  }

  static InferenceModelRewriteResource rewrite(String name, String from, String to) {
    return rewrite(new InferenceModelRewriteResource(), name, ref(NAME), from, to, 1);
  }

  static <R extends InferenceModelRewriteResource> R rewrite(
      R rewrite, String name, @Nullable PoolRef ref, String from, String to, int weight) {
    rewrite.setMetadata(
        new ObjectMetaBuilder().withNamespace(Pods.NAMESPACE).withName(name).build());
    rewrite.setSpec(
        new InferenceModelRewriteSpec(
            ref,
            List.of(
                new InferenceModelRewriteSpec.Rule(
                    List.of(
                        new InferenceModelRewriteSpec.Match(
                            new InferenceModelRewriteSpec.ModelMatch("Exact", from))),
                    List.of(new InferenceModelRewriteSpec.Target(weight, to))))));
    return rewrite;
  }

  static PoolRef ref(String pool) {
    return new PoolRef(GROUP, "InferencePool", pool);
  }
}
