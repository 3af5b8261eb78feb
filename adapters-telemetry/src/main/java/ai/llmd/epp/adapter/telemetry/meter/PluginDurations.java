package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Time spent in each plugin. Any thread; as many series as the configuration has plugins. */
public final class PluginDurations {

  private static final String[] LABELS = {"extension_point", "plugin_type", "plugin_name"};

  private final Distribution durations =
      new Distribution(
          "llm_d_epp_plugin_duration_seconds",
          "[ALPHA] Duration of one plugin call.",
          Buckets.FAST,
          LABELS);
  private final Map<Call, Distribution.Series> series = new ConcurrentHashMap<>();

  public PluginDurations(PrometheusRegistry registry) {
    registry.register(durations);
    registry.register(
        new DeprecatedTwin(durations, "inference_extension_plugin_duration_seconds", LABELS));
  }

  void record(String extensionPoint, String type, String name, long nanos) {
    series.computeIfAbsent(new Call(extensionPoint, type, name), this::bind).observeNanos(nanos);
  }

  private Distribution.Series bind(Call call) {
    return durations.with(call.extensionPoint(), call.type(), call.name());
  }

  private record Call(String extensionPoint, String type, String name) {}
}
