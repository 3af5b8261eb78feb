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

/** What a pod contributes to a pool: one endpoint for each active target port, or nothing. */
final class PodEndpoints {

  private PodEndpoints() {}

  static List<Endpoint> of(@Nullable Pod pod, PoolShape shape) {
    if (pod == null || !isReady(pod) || !shape.selector().matches(labels(pod))) {
      return List.of();
    }
    Set<Integer> active = ActivePorts.of(pod.getMetadata().getAnnotations(), shape.targetPorts());
    List<Endpoint> endpoints = new ArrayList<>(active.size());
    for (int rank = 0; rank < shape.targetPorts().size(); rank++) {
      int port = shape.targetPorts().get(rank);
      if (active.contains(port)) {
        endpoints.add(endpoint(pod, rank, port));
      }
    }
    return endpoints;
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
        rank);
  }

  private static Map<String, String> labels(Pod pod) {
    return Objects.requireNonNullElse(pod.getMetadata().getLabels(), Map.of());
  }

  /** Phase and containers do not count; an address does, since there is nothing to dial else. */
  private static boolean isReady(Pod pod) {
    PodStatus status = pod.getStatus();
    return pod.getMetadata().getDeletionTimestamp() == null
        && status != null
        && status.getPodIP() != null
        && !status.getPodIP().isEmpty()
        && status.getConditions().stream().anyMatch(PodEndpoints::isMet);
  }

  private static boolean isMet(PodCondition condition) {
    return "Ready".equals(condition.getType()) && "True".equals(condition.getStatus());
  }
}
