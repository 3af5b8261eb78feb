package ai.llmd.epp.adapter.k8s;

import ai.llmd.epp.application.port.in.KeepPool;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the pool as the API server has it: reads the copies, works out the endpoints of the pods
 * that changed, and hands over what differs. One thread.
 */
final class PoolKeeper {

  private static final Logger log = LoggerFactory.getLogger(PoolKeeper.class);

  private final WatchedPool watched;
  private final PoolSource source;
  private final Mirror<Pod> pods;
  private final List<PoolObjects<?, ?>> rules;
  private final KeepPool pool;

  private final ServedEndpoints endpoints = new ServedEndpoints();

  private @Nullable PoolShape kept;

  private volatile @Nullable PoolShape published;

  /**
   * @param rules what else belongs to the pool: objectives, rewrites; none without an object
   */
  PoolKeeper(
      WatchedPool watched,
      PoolSource source,
      Mirror<Pod> pods,
      List<PoolObjects<?, ?>> rules,
      KeepPool pool) {
    this.watched = watched;
    this.source = source;
    this.pods = pods;
    this.rules = rules;
    this.pool = pool;
  }

  /** What the pool looks like, once its endpoints have been handed over; any thread. */
  Optional<PoolShape> shape() {
    return Optional.ofNullable(published);
  }

  /**
   * Brings the pool up to date.
   *
   * @throws RuntimeException when the pool or one of its observers throws; nothing is lost, and the
   *     next call hands over again what was not taken
   */
  void reconcile(Changes.Batch changes) {
    if (!source.isSynced() || !pods.isSynced() || !areRulesSettled()) {
      return; // when a copy has synced, everything is reported as changed
    }
    PoolShape shape = source.shape().orElse(null);
    if (shape == null) { // no request may find an endpoint without the rules that hold for it
      clear();
      rules.forEach(rule -> rule.reconcile(false));
    } else {
      rules.forEach(rule -> rule.reconcile(true));
      update(shape, changes);
    }
    publish(shape);
  }

  private boolean areRulesSettled() {
    return rules.stream().allMatch(PoolObjects::isSettled);
  }

  private void clear() {
    endpoints.retain(Set.of());
    kept = null;
    endpoints.handOver(pool);
  }

  private void update(PoolShape shape, Changes.Batch changes) {
    boolean isReshaped =
        kept == null
            || !kept.selector().equals(shape.selector())
            || !kept.targetPorts().equals(shape.targetPorts());
    kept = shape;
    if (isReshaped || changes.hasAllChanged()) {
      recomputeAll(shape);
    } else {
      for (String key : changes.pods()) {
        endpoints.put(key, PodEndpoints.of(pods.get(key), shape));
      }
    }
    endpoints.handOver(pool);
  }

  private void recomputeAll(PoolShape shape) {
    Set<String> keys = new HashSet<>();
    for (Pod pod : pods.list()) {
      String key = PodStore.key(pod);
      keys.add(key);
      endpoints.put(key, PodEndpoints.of(pod, shape));
    }
    endpoints.retain(keys);
  }

  private void publish(@Nullable PoolShape shape) {
    boolean isNews = (published == null) != (shape == null);
    published = shape;
    if (isNews) {
      log.atInfo()
          .addKeyValue("namespace", watched.namespace())
          .addKeyValue("pool", watched.name())
          .addKeyValue("endpoints", endpoints.size())
          .log(shape == null ? "pool is gone" : "pool is known");
    }
  }
}
