package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.domain.health.EndpointHealth.State;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** How many endpoints of the pool are in each state of health. Computed at each scrape. */
public final class EndpointHealthMeters implements Collector {

  private static final MetricMetadata METADATA =
      new MetricMetadata(
          "llm_d_epp_endpoint_health",
          "[ALPHA] Endpoints by health: suspect and out ones get requests only when no other is"
              + " left, probing ones have got a single request to see.");

  private final String pool;
  private final ToIntFunction<State> count;

  /**
   * @param count endpoints in a state; any thread
   */
  public EndpointHealthMeters(String pool, ToIntFunction<State> count) {
    this.pool = pool;
    this.count = count;
  }

  @Override
  public GaugeSnapshot collect() {
    return new GaugeSnapshot(METADATA, Arrays.stream(State.values()).map(this::point).toList());
  }

  private GaugeDataPointSnapshot point(State state) {
    Labels labels = Labels.of("name", pool, "state", state.name().toLowerCase(Locale.ROOT));
    return new GaugeDataPointSnapshot(count.applyAsInt(state), labels, null);
  }
}
