package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.adapter.k8s.api.LegacyInferenceModelRewriteResource;
import ai.llmd.epp.adapter.k8s.api.LegacyInferenceObjectiveResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the older group has objects about the pool; asked once, for a word in the log. */
record LegacyObjects(KubernetesClient client, WatchedPool.ByName pool) {

  private static final Logger log = LoggerFactory.getLogger(LegacyObjects.class);

  boolean hasObjectives() {
    return has(LegacyInferenceObjectiveResource.class, object -> Objectives.areAbout(pool, object));
  }

  boolean hasRewrites() {
    return has(
        LegacyInferenceModelRewriteResource.class, object -> Rewrites.areAbout(pool, object));
  }

  private <T extends HasMetadata> boolean has(Class<T> type, Predicate<T> isAboutThePool) {
    try {
      return client.resources(type).inNamespace(pool.namespace()).list().getItems().stream()
          .anyMatch(isAboutThePool);
    } catch (KubernetesClientException e) {
      log.atDebug().setCause(e).log("older objects not known");
      return false;
    }
  }
}
