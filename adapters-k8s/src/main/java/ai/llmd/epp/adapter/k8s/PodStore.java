package ai.llmd.epp.adapter.k8s;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.client.informers.cache.BasicItemStore;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import org.jspecify.annotations.Nullable;

/**
 * Keeps pods without what is not read here, which is most of a pod: containers, volumes, and who
 * set which field. Of the specification only the host name stays.
 */
final class PodStore extends BasicItemStore<Pod> {

  PodStore() {
    super(PodStore::key);
  }

  /** {@code namespace/name}. */
  static String key(Pod pod) {
    return Cache.metaNamespaceKeyFunc(pod);
  }

  @Override
  public Pod put(String key, Pod pod) {
    pod.setSpec(named(pod.getSpec()));
    pod.getMetadata().setManagedFields(null);
    if (pod.getStatus() != null) {
      pod.getStatus().setContainerStatuses(null);
      pod.getStatus().setInitContainerStatuses(null);
    }
    return super.put(key, pod);
  }

  private static @Nullable PodSpec named(@Nullable PodSpec spec) {
    if (spec == null || spec.getHostname() == null) {
      return null;
    }
    PodSpec kept = new PodSpec();
    kept.setHostname(spec.getHostname());
    return kept;
  }
}
