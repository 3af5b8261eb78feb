package ai.llmd.epp.application.rollout;

import ai.llmd.epp.application.rollout.RolloutParameters.Gating;
import ai.llmd.epp.domain.pool.Endpoint;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Which share of the requests each revision of a pool gets. */
final class RevisionShares {

  private final Gating gating;
  private final Map<String, Map<String, Integer>> podsByRevisionAndRole = new TreeMap<>();

  private RevisionShares(Gating gating) {
    this.gating = gating;
  }

  /**
   * The shares of all revisions that pods have, 0 to 1: 0 where a required role has no pod.
   *
   * @param endpoints those in scope; ranks of a pod count once
   */
  static Map<String, Double> of(Collection<Endpoint> endpoints, Gating gating) {
    RevisionShares shares = new RevisionShares(gating);
    Set<String> pods = new HashSet<>();
    for (Endpoint endpoint : endpoints) {
      if (pods.add(endpoint.id().namespace() + "/" + endpoint.podName())) {
        shares.count(endpoint.labels());
      }
    }
    return shares.shares();
  }

  private void count(Map<String, String> labels) {
    String revision = labels.getOrDefault(gating.revisionLabelKey(), "");
    String role = labels.getOrDefault(gating.roleLabelKey(), "");
    if (!revision.isEmpty() && !role.isEmpty()) {
      podsByRevisionAndRole
          .computeIfAbsent(revision, _ -> new HashMap<>())
          .merge(role, 1, Integer::sum);
    }
  }

  private Map<String, Double> shares() {
    List<String> counted = countedRoles();
    Map<String, Double> weights = new TreeMap<>();
    double total = 0;
    for (var revision : podsByRevisionAndRole.entrySet()) {
      double weight = isCovered(revision.getValue()) ? pods(revision.getValue(), counted) : 0;
      weights.put(revision.getKey(), weight);
      total += weight;
    }
    double all = Math.max(total, 1);
    weights.replaceAll((_, weight) -> weight / all);
    return weights;
  }

  private boolean isCovered(Map<String, Integer> byRole) {
    return byRole.keySet().containsAll(gating.requireRoles().values());
  }

  private List<String> countedRoles() {
    List<String> required = gating.requireRoles().values();
    if (!gating.isByLargestRole() || required.isEmpty()) {
      return required;
    }
    String largest = required.getFirst();
    for (String role : required) {
      if (podsOfCovered(role) > podsOfCovered(largest)) {
        largest = role;
      }
    }
    return List.of(largest);
  }

  private int podsOfCovered(String role) {
    return podsByRevisionAndRole.values().stream()
        .filter(this::isCovered)
        .mapToInt(byRole -> byRole.getOrDefault(role, 0))
        .sum();
  }

  private static int pods(Map<String, Integer> byRole, List<String> roles) {
    return roles.stream().mapToInt(role -> byRole.getOrDefault(role, 0)).sum();
  }
}
