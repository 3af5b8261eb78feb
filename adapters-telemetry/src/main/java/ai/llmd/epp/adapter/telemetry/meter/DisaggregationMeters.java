package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.handler.DisaggProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.DisaggregatingHandler;
import ai.llmd.epp.domain.scheduling.handler.PdProfileHandler;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts over which stages requests are spread, by model. Any thread. */
public sealed interface DisaggregationMeters {

  /**
   * Meters for a handler; nothing is registered for one that does not divide requests.
   *
   * @param handler under the names that metrics show
   */
  static DisaggregationMeters of(
      PrometheusRegistry registry, LabelLimits limits, Named<ProfileHandler> handler) {
    return switch (handler.plugin()) {
      case DisaggProfileHandler disagg ->
          counting(registry, limits, handler, disagg, "disagg_decision");
      case PdProfileHandler pd -> counting(registry, limits, handler, pd, "pd_decision");
      default -> Nothing.COUNTED;
    };
  }

  /**
   * A request can be served.
   *
   * @param model as the model server calls it
   * @param results as they were when the last profile had run
   */
  void decided(String model, ProfileResults results);

  private static DisaggregationMeters counting(
      PrometheusRegistry registry,
      LabelLimits limits,
      Named<ProfileHandler> handler,
      DisaggregatingHandler plugin,
      String family) {
    Counter decisions =
        Counter.builder()
            .name("llm_d_epp_" + family + "_total")
            .help("[ALPHA] Requests by the stages they were split into.")
            .labelNames("plugin_name", "plugin_type", "model_name", "decision_type")
            .withoutExemplars()
            .register(registry);
    registry.register(
        new DeprecatedTwin(
            decisions, "llm_d_inference_scheduler_" + family, "model_name", "decision_type"));
    return new Decisions(plugin, handler.name(), handler.type(), limits, decisions);
  }

  /** For handlers that do not divide requests. */
  enum Nothing implements DisaggregationMeters {
    COUNTED;

    @Override
    public void decided(String model, ProfileResults results) {}
  }

  /** For a handler that does. */
  record Decisions(
      DisaggregatingHandler handler,
      String name,
      String type,
      LabelLimits limits,
      Counter decisions)
      implements DisaggregationMeters {

    private static final String NO_MODEL = "unknown";

    @Override
    public void decided(String model, ProfileResults results) {
      String shown = model.isEmpty() ? NO_MODEL : limits.model(model);
      decisions.labelValues(name, type, shown, handler.decided(results).label()).inc();
    }
  }
}
