package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.application.port.out.ObjectFileObserver;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Which changes of the files with objectives and rewrites took effect. Any thread. */
public final class ObjectFileMeters implements ObjectFileObserver {

  private final Counter reloads;

  public ObjectFileMeters(PrometheusRegistry registry) {
    reloads =
        Counter.builder()
            .name("llm_d_epp_object_file_reloads_total")
            .help("[ALPHA] Reloads of the objectives and rewrites files, by result.")
            .labelNames("kind", "result")
            .withoutExemplars()
            .register(registry);
  }

  @Override
  public void applied(String kind) {
    reloads.labelValues(kind, "applied").inc();
  }

  @Override
  public void refused(String kind) {
    reloads.labelValues(kind, "refused").inc();
  }
}
