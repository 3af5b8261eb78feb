package ai.llmd.epp.adapter.telemetry.meter;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Which changes of the configuration took effect, and when the last one did. Any thread. */
public final class ConfigurationMeters {

  private static final double MILLIS_PER_SECOND = 1000;

  private final CounterDataPoint applied;
  private final CounterDataPoint refused;
  private final Gauge appliedAt;

  public ConfigurationMeters(PrometheusRegistry registry) {
    Counter reloads =
        Counter.builder()
            .name("llm_d_epp_config_reloads_total")
            .help("[ALPHA] Reloads of the configuration file, by result.")
            .labelNames("result")
            .withoutExemplars()
            .register(registry);
    applied = reloads.labelValues("applied");
    refused = reloads.labelValues("refused");
    appliedAt =
        Gauge.builder()
            .name("llm_d_epp_config_applied_timestamp_seconds")
            .help("[ALPHA] Unix time at which the current configuration took effect.")
            .withoutExemplars()
            .register(registry);
  }

  /** The configuration of the start took effect. */
  public void started(long epochMillis) {
    appliedAt.set(epochMillis / MILLIS_PER_SECOND);
  }

  /** A change took effect. */
  public void applied(long epochMillis) {
    applied.inc();
    appliedAt.set(epochMillis / MILLIS_PER_SECOND);
  }

  /** A change was refused as a whole. */
  public void refused() {
    refused.inc();
  }
}
