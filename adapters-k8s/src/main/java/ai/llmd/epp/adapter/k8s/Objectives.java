package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.InferenceObjectiveResource;
import ai.llmd.epp.adapter.k8s.api.PoolRef;
import ai.llmd.epp.domain.objective.InferenceObjective;
import java.util.Comparator;
import java.util.List;

/** What InferenceObjective objects mean. */
final class Objectives {

  private Objectives() {}

  static boolean areAbout(WatchedPool.ByName pool, InferenceObjectiveResource object) {
    PoolRef ref = object.getSpec() == null ? null : object.getSpec().poolRef();
    return ref != null && ref.isTo(pool.group(), pool.name());
  }

  /** By name, so that two lists of the same objects are equal. */
  static List<InferenceObjective> of(List<InferenceObjectiveResource> objects) {
    return objects.stream()
        .map(
            object ->
                new InferenceObjective(object.getMetadata().getName(), object.getSpec().priority()))
        .sorted(Comparator.comparing(InferenceObjective::name))
        .toList();
  }
}
