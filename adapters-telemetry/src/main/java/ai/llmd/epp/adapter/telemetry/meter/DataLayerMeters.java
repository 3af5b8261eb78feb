package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts failed polls of endpoints and samples that could not be read. Any thread. */
public final class DataLayerMeters {

  private static final String SOURCE = "source_type";
  private static final String EXTRACTOR = "extractor_type";

  private final Counter pollErrors;
  private final Counter extractErrors;

  public DataLayerMeters(PrometheusRegistry registry) {
    pollErrors =
        Counter.builder()
            .name("llm_d_epp_datalayer_poll_errors_total")
            .help("[ALPHA] Failed polls of endpoints.")
            .labelNames(SOURCE)
            .withoutExemplars()
            .register(registry);
    extractErrors =
        Counter.builder()
            .name("llm_d_epp_datalayer_extract_errors_total")
            .help("[ALPHA] Poll responses from which no data could be extracted.")
            .labelNames(SOURCE, EXTRACTOR)
            .withoutExemplars()
            .register(registry);
    registry.register(
        new DeprecatedTwin(pollErrors, "llm_d_inference_scheduler_datalayer_poll_errors", SOURCE));
    registry.register(
        new DeprecatedTwin(
            extractErrors,
            "llm_d_inference_scheduler_datalayer_extract_errors",
            SOURCE,
            EXTRACTOR));
  }

  public void pollError(String sourceType) {
    pollErrors.labelValues(sourceType).inc();
  }

  public void extractError(String sourceType, String extractorType) {
    extractErrors.labelValues(sourceType, extractorType).inc();
  }
}
