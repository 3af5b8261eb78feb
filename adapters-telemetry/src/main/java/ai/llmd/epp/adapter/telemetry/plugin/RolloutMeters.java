package ai.llmd.epp.adapter.telemetry.plugin;

import ai.llmd.epp.application.rollout.RolloutObserver;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What screeners of rollouts do, by instance: as many series as there are revisions in the pool,
 * and selectors in the configuration. Any thread.
 */
public final class RolloutMeters implements RolloutObserver {

  private static final String TYPE = "disaggregatedset-rollout-screener";

  private final Map<Instance, Map<String, Double>> shares = new ConcurrentHashMap<>();
  private final Map<Selector, LongAdder> unmatched = new ConcurrentHashMap<>();
  private final ShownPlugins plugins = new ShownPlugins();

  private record Instance(String plugin, String mode) {}

  private record Selector(String plugin, String name) {}

  public RolloutMeters(PrometheusRegistry registry) {
    GaugeWithCallback.builder()
        .name("llm_d_epp_disaggregatedset_revision_gating_share")
        .help("[ALPHA] Share of the requests that a revision of a disaggregated set gets.")
        .labelNames("plugin_type", "plugin_name", "mode", "revision")
        .callback(
            callback ->
                shares.forEach(
                    (instance, byRevision) ->
                        byRevision.forEach(
                            (revision, share) ->
                                callback.call(
                                    share, TYPE, instance.plugin, instance.mode, revision))))
        .register(registry);
    CounterWithCallback.builder()
        .name("llm_d_epp_disaggregatedset_strict_header_no_match_total")
        .help("[ALPHA] Requests whose header named what no candidate has.")
        .labelNames("plugin_type", "plugin_name", "selector")
        .callback(
            callback ->
                unmatched.forEach(
                    (selector, requests) ->
                        callback.call(
                            (double) requests.sum(), TYPE, selector.plugin, selector.name)))
        .register(registry);
  }

  @Override
  public void shares(String plugin, String mode, Map<String, Double> byRevision) {
    Instance now = new Instance(plugin, mode);
    shares.keySet().removeIf(shown -> shown.plugin.equals(plugin) && !shown.equals(now));
    shares.put(now, Map.copyOf(byRevision));
  }

  @Override
  public void unmatched(String plugin, String selector) {
    if (plugins.shows(plugin)) {
      unmatched.computeIfAbsent(new Selector(plugin, selector), _ -> new LongAdder()).increment();
    }
  }

  /**
   * Another configuration is in force: removed instances are not shown any more, and rebuilt ones
   * count anew, since their selectors may be others.
   *
   * @param kept instances that are the same
   * @param built new ones
   */
  public void changed(Collection<String> kept, Collection<String> built) {
    Set<String> inForce = new HashSet<>(kept);
    inForce.addAll(built);
    plugins.changed(inForce);
    shares.keySet().removeIf(shown -> !inForce.contains(shown.plugin));
    unmatched.keySet().removeIf(shown -> !kept.contains(shown.plugin));
  }
}
