package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.series.LabelledSeries;
import ai.llmd.epp.adapter.telemetry.series.NameLimit;
import ai.llmd.epp.adapter.telemetry.series.RetainedPoints;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts which rewrite made which model of which. Any thread. */
final class RewriteMeters implements LabelledSeries {

  /** Clients choose what a rule for every model is asked for. */
  private static final int MAX_SERIES = 10_000;

  private static final String[] LABELS = {"model_rewrite_name", "model_name", "target_model"};

  private static final Rewritten OTHER =
      new Rewritten(NameLimit.OTHER, NameLimit.OTHER, NameLimit.OTHER);

  private final LabelLimits limits;
  private final Counter decisions;
  private final Map<Rewritten, CounterDataPoint> series = new ConcurrentHashMap<>();

  RewriteMeters(PrometheusRegistry registry, LabelLimits limits) {
    this.limits = limits;
    this.decisions =
        Counter.builder()
            .name("llm_d_epp_model_rewrite_decisions_total")
            .help("[ALPHA] Requests whose target model was chosen by a rewrite.")
            .labelNames(LABELS)
            .withoutExemplars()
            .register(registry);
    registry.register(
        new DeprecatedTwin(decisions, "inference_extension_model_rewrite_decisions", LABELS));
    limits.follow(this);
  }

  @Override
  public synchronized void retain(LabelLimits shown) {
    RetainedPoints.retain(
        decisions,
        LABELS,
        labels ->
            shown.showsModel(RetainedPoints.value(labels, LABELS[1]))
                && shown.showsModel(RetainedPoints.value(labels, LABELS[2])));
    series
        .keySet()
        .removeIf(one -> !shown.showsModel(one.model()) || !shown.showsModel(one.target()));
  }

  /**
   * @param model as the client named it
   * @param target chosen; empty when the rule has none
   */
  void decided(String rewrite, String model, String target) {
    var rewritten = new Rewritten(rewrite, limits.model(model), limits.model(target));
    CounterDataPoint known = series.get(rewritten);
    (known == null ? bind(rewritten) : known).inc();
  }

  private synchronized CounterDataPoint bind(Rewritten rewritten) {
    Rewritten shown =
        series.size() < MAX_SERIES || series.containsKey(rewritten) ? rewritten : OTHER;
    return series.computeIfAbsent(shown, one -> decisions.labelValues(one.labels()));
  }

  private record Rewritten(String rewrite, String model, String target) {

    String[] labels() {
      return new String[] {rewrite, model, target};
    }
  }
}
