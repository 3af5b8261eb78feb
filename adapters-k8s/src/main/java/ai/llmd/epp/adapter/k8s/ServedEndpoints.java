package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.application.port.in.KeepPool;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints that pods contribute, and what of them the pool has not been told yet. What changes
 * costs by what changes, and not by how much there is. One thread.
 *
 * <p>An address and port is one pod's at a time: when two claim it, the network has given it to the
 * one that became ready later, and the other is gone without a word. A pod that has taken another
 * one's name comes as another endpoint.
 */
final class ServedEndpoints {

  /**
   * One pod's claim of an address and port.
   *
   * @param order of claims, for pods that became ready in the same second
   */
  private record Claim(Endpoint endpoint, String since, long order) {}

  private static final Comparator<Claim> LATER =
      Comparator.comparing(Claim::since).thenComparingLong(Claim::order);

  private final Map<String, PodEndpoints> pods = new HashMap<>();
  private final Map<String, List<Claim>> claims = new HashMap<>(); // mostly of one each
  private final Map<EndpointId, Endpoint> served = new HashMap<>();
  private long order;

  // what the pool has not taken
  private final Set<EndpointId> gone = new LinkedHashSet<>();
  private final Map<EndpointId, Endpoint> put = new LinkedHashMap<>();

  /** Number of endpoints. */
  int size() {
    return served.size();
  }

  /**
   * Notes what a pod contributes now.
   *
   * @param key the pod's
   */
  void put(String key, PodEndpoints now) {
    PodEndpoints before = pods.getOrDefault(key, PodEndpoints.NONE);
    if (now.equals(before)) {
      return;
    }
    if (now.endpoints().isEmpty()) {
      pods.remove(key);
    } else {
      pods.put(key, now);
    }
    Map<EndpointId, Endpoint> affected = new LinkedHashMap<>();
    before.endpoints().forEach(endpoint -> unclaim(endpoint, affected));
    boolean isAnother = !before.uid().isEmpty() && !before.uid().equals(now.uid());
    if (isAnother) {
      before.endpoints().forEach(endpoint -> leave(endpoint.id()));
    }
    now.endpoints().forEach(endpoint -> claim(endpoint, now.since(), affected));
    affected.values().forEach(this::settle);
  }

  /** Notes that no other pods contribute anything. */
  void retain(Set<String> keys) {
    List<String> others = pods.keySet().stream().filter(key -> !keys.contains(key)).toList();
    others.forEach(key -> put(key, PodEndpoints.NONE));
  }

  private void unclaim(Endpoint endpoint, Map<EndpointId, Endpoint> affected) {
    affected.put(endpoint.id(), endpoint);
    List<Claim> rivals = claims.getOrDefault(endpoint.hostPort(), List.of());
    List<Claim> left =
        rivals.stream().filter(claim -> !claim.endpoint().id().equals(endpoint.id())).toList();
    if (left.isEmpty()) {
      claims.remove(endpoint.hostPort());
    } else {
      claims.put(endpoint.hostPort(), left);
      left.forEach(claim -> affected.putIfAbsent(claim.endpoint().id(), claim.endpoint()));
    }
  }

  private void claim(Endpoint endpoint, String since, Map<EndpointId, Endpoint> affected) {
    affected.put(endpoint.id(), endpoint);
    List<Claim> rivals = claims.getOrDefault(endpoint.hostPort(), List.of());
    List<Claim> all = new ArrayList<>(rivals);
    all.add(new Claim(endpoint, since, order++));
    claims.put(endpoint.hostPort(), all);
    rivals.forEach(claim -> affected.putIfAbsent(claim.endpoint().id(), claim.endpoint()));
  }

  /** Serves an endpoint as it was last described, if its address is its own. */
  private void settle(Endpoint endpoint) {
    if (!isOwner(endpoint)) {
      leave(endpoint.id());
    } else if (!endpoint.equals(served.get(endpoint.id()))) {
      served.put(endpoint.id(), endpoint);
      put.put(endpoint.id(), endpoint);
    }
  }

  private boolean isOwner(Endpoint endpoint) {
    return claims.getOrDefault(endpoint.hostPort(), List.of()).stream()
        .max(LATER)
        .filter(claim -> claim.endpoint().equals(endpoint))
        .isPresent();
  }

  private void leave(EndpointId id) {
    @Nullable Endpoint before = served.remove(id);
    if (before != null) {
      put.remove(id);
      gone.add(id);
    }
  }

  /** Tells the pool what it does not know yet; if it throws, it is told again by the next call. */
  void handOver(KeepPool pool) {
    if (gone.isEmpty() && put.isEmpty()) {
      return;
    }
    pool.change(List.copyOf(gone), List.copyOf(put.values()));
    gone.clear();
    put.clear();
  }
}
