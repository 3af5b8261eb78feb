package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.series.LabelledSeries;
import ai.llmd.epp.adapter.telemetry.series.RetainedPoints;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.handler.DisaggProfileHandler;
import ai.llmd.epp.domain.scheduling.handler.DisaggregatingHandler;
import ai.llmd.epp.domain.scheduling.handler.PdProfileHandler;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts over which stages requests are spread, by model. Any thread. */
public final class DisaggregationMeters implements LabelledSeries {

  private static final String MODEL = "model_name";
  private static final String[] LABELS = {"plugin_name", "plugin_type", MODEL, "decision_type"};
  private static final String NO_MODEL = "unknown";

  private final PrometheusRegistry registry;
  private final LabelLimits limits;

  /** By name; each is registered with the first handler that needs it, and outlives reloads. */
  private final Map<String, Counter> families = new ConcurrentHashMap<>();

  public DisaggregationMeters(PrometheusRegistry registry, LabelLimits limits) {
    this.registry = registry;
    this.limits = limits;
    limits.follow(this);
  }

  @Override
  public void retain(LabelLimits shown) {
    for (Counter family : families.values()) {
      RetainedPoints.retain(family, LABELS, labels -> isShown(labels, shown));
    }
  }

  private static boolean isShown(Labels labels, LabelLimits shown) {
    String model = RetainedPoints.value(labels, MODEL);
    return model.equals(NO_MODEL) || shown.showsModel(model);
  }

  /**
   * The same handler with its decisions counted; one that does not divide requests as it is.
   *
   * @param handler under the names that metrics show
   */
  public Named<ProfileHandler> counted(Named<ProfileHandler> handler) {
    return switch (handler.plugin()) {
      case DisaggProfileHandler disagg -> counted(handler, disagg, "disagg_decision");
      case PdProfileHandler pd -> counted(handler, pd, "pd_decision");
      default -> handler;
    };
  }

  private Named<ProfileHandler> counted(
      Named<ProfileHandler> handler, DisaggregatingHandler plugin, String family) {
    Counter decisions = families.computeIfAbsent(family, this::register);
    return new Named<>(
        handler.name(), handler.type(), new CountedHandler(handler, plugin, limits, decisions));
  }

  private Counter register(String family) {
    Counter decisions =
        Counter.builder()
            .name("llm_d_epp_" + family + "_total")
            .help("[ALPHA] Requests by the stages they were split into.")
            .labelNames(LABELS)
            .withoutExemplars()
            .register(registry);
    registry.register(
        new DeprecatedTwin(
            decisions, "llm_d_inference_scheduler_" + family, MODEL, "decision_type"));
    return decisions;
  }

  /** Counts each request that can be served, when its last profile has run. */
  private record CountedHandler(
      Named<ProfileHandler> names,
      DisaggregatingHandler handler,
      LabelLimits limits,
      Counter decisions)
      implements ProfileHandler {

    @Override
    public List<SchedulingProfile> pick(
        SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
      return handler.pick(cycle, profiles, results);
    }

    @Override
    public Outcome process(SchedulingCycle cycle, ProfileResults results) {
      Outcome outcome = handler.process(cycle, results);
      if (outcome instanceof Outcome.Primary) {
        String model = cycle.request().targetModel();
        String shown = model.isEmpty() ? NO_MODEL : limits.model(model);
        String decision = handler.decided(results).label();
        decisions.labelValues(names.name(), names.type(), shown, decision).inc();
      }
      return outcome;
    }
  }
}
