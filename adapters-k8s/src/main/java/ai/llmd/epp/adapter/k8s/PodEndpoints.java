package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pod contributes to a pool: one endpoint for each active target port, or nothing.
 *
 * @param uid tells this pod from another one of the same name; empty where it has none
 * @param since when the pod became ready, in a form that can be compared; of two pods with one
 *     address, it is the later one's
 */
record PodEndpoints(String uid, String since, List<Endpoint> endpoints) {

  /** A pod that contributes nothing, or no pod. */
  static final PodEndpoints NONE = new PodEndpoints("", "", List.of());

  /** Their containers have ended, or their node is gone: nothing serves any more. */
  private static final Set<String> ENDED = Set.of("Failed", "Succeeded");

  static PodEndpoints of(@Nullable Pod pod, PoolShape shape) {
    if (pod == null || !isReady(pod) || !shape.selector().matches(labels(pod))) {
      return NONE;
    }
    Set<Integer> active = ActivePorts.of(pod.getMetadata().getAnnotations(), shape.targetPorts());
    List<Endpoint> endpoints = new ArrayList<>(active.size());
    for (int rank = 0; rank < shape.targetPorts().size(); rank++) {
      int port = shape.targetPorts().get(rank);
      if (active.contains(port)) {
        endpoints.add(endpoint(pod, rank, port));
      }
    }
    return new PodEndpoints(
        Objects.requireNonNullElse(pod.getMetadata().getUid(), ""), since(pod), endpoints);
  }

  private static String since(Pod pod) {
    String ready =
        pod.getStatus().getConditions().stream()
            .filter(PodEndpoints::isMet)
            .map(PodCondition::getLastTransitionTime)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse("");
    String created = pod.getMetadata().getCreationTimestamp();
    return ready + ' ' + Objects.requireNonNullElse(created, "");
  }

  private static Endpoint endpoint(Pod pod, int rank, int port) {
    ObjectMeta meta = pod.getMetadata();
    String address = pod.getStatus().getPodIP();
    return new Endpoint(
        new EndpointId(
            Objects.requireNonNullElse(meta.getNamespace(), ""), meta.getName() + "-rank-" + rank),
        meta.getName(),
        address,
        port,
        Endpoint.hostPort(address, port),
        labels(pod),
        rank,
        Objects.requireNonNullElse(pod.getStatus().getHostIP(), ""),
        hostname(pod));
  }

  private static String hostname(Pod pod) {
    String name = pod.getSpec() == null ? null : pod.getSpec().getHostname();
    return Objects.requireNonNullElse(name, "");
  }

  private static Map<String, String> labels(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
  }

  /**
   * An address counts, since there is nothing to dial else, and an end does: the pods of a node
   * that has been taken away are marked as failed, and nobody is left to mark them as not ready.
   */
  private static boolean isReady(Pod pod) {
    PodStatus status = pod.getStatus();
    return pod.getMetadata().getDeletionTimestamp() == null
        && status != null
        && !ENDED.contains(Objects.requireNonNullElse(status.getPhase(), ""))
        && status.getPodIP() != null
        && !status.getPodIP().isEmpty()
        && status.getConditions().stream().anyMatch(PodEndpoints::isMet);
  }

  private static boolean isMet(PodCondition condition) {
    return "Ready".equals(condition.getType()) && "True".equals(condition.getStatus());
  }
}
