package ai.llmd.epp.adapter.telemetry.plugin;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits.RequestKey;
import ai.llmd.epp.adapter.telemetry.series.LabelledSeries;
import ai.llmd.epp.adapter.telemetry.series.RetainedPoints;
import ai.llmd.epp.application.latency.LatencyObserver;
import ai.llmd.epp.domain.routing.RequestLabels;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;

/** What was predicted of times, and how long requests took. Any thread. */
public final class LatencyMeters implements LatencyObserver, LabelledSeries {

  private static final String TYPE = "predicted-latency-producer";
  private static final String PRODUCER = "plugin_name";
  private static final String MODEL = "model_name";
  private static final String TARGET = "target_model_name";
  private static final String[] LABELS = {PRODUCER, "plugin_type", MODEL, TARGET};
  private static final String[] TYPED = {PRODUCER, "plugin_type", MODEL, TARGET, "type"};
  private static final String[] OLD = {MODEL, TARGET};
  private static final double MILLIS = 1_000;

  /** Seconds per token, up to those of a response that takes minutes. */
  private static final double[] LONG_PER_TOKEN =
      DoubleStream.concat(
              DoubleStream.of(Buckets.PER_TOKEN).limit(Buckets.PER_TOKEN.length - 1),
              DoubleStream.of(
                  1.5, 2, 3, 4.5, 6, 12, 18, 24, 30, 36, 48, 60, 90, 120, 180, 270, 360))
          .toArray();

  /** Seconds that a prediction takes. */
  private static final double[] PREDICTION = {
    0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5
  };

  private final LabelLimits limits;
  private final ShownPlugins plugins = new ShownPlugins();
  private final Distribution predictedTtft =
      latency(
          "request_predicted_ttft_seconds", "Predicted time to the first token.", Buckets.LATENCY);
  private final Distribution predictedTpot =
      latency(
          "request_predicted_tpot_seconds", "Predicted time per further token.", LONG_PER_TOKEN);
  private final Distribution ttftDuration =
      latency("request_ttft_prediction_duration_seconds", "Time that predicting took.", PREDICTION);
  private final Distribution tpotDuration =
      latency("request_tpot_prediction_duration_seconds", "Time that predicting took.", PREDICTION);
  private final Distribution ttft =
      new Distribution(
          "inference_objective_request_ttft_seconds",
          "[ALPHA] Time to the first token of requests whose times were predicted.",
          Buckets.LATENCY,
          OLD);
  private final Distribution tpot =
      new Distribution(
          "inference_objective_request_tpot_seconds",
          "[ALPHA] Time per further token of requests whose times were predicted.",
          LONG_PER_TOKEN,
          OLD);
  private final Counter violations;
  private final Gauge last;
  private final Counter inProcess;

  public LatencyMeters(PrometheusRegistry registry, LabelLimits limits) {
    this.limits = limits;
    for (Distribution family : ours()) {
      registry.register(family);
      twin(registry, family, family.getPrometheusName(), OLD);
    }
    registry.register(ttft);
    registry.register(tpot);
    violations =
        Counter.builder()
            .name("llm_d_epp_request_slo_violation_total")
            .help("[ALPHA] Requests that missed an objective of their headers.")
            .labelNames(TYPED)
            .withoutExemplars()
            .register(registry);
    twin(registry, violations, "llm_d_epp_request_slo_violation", MODEL, TARGET, "type");
    last =
        Gauge.builder()
            .name("llm_d_epp_inference_request_metric")
            .help(
                "[ALPHA] Times of the last request, in seconds, and whether it missed an"
                    + " objective.")
            .labelNames(TYPED)
            .withoutExemplars()
            .register(registry);
    twin(registry, last, "llm_d_epp_inference_request_metric", MODEL, TARGET, "type");
    inProcess =
        Counter.builder()
            .name("llm_d_epp_latency_predictions_in_process_total")
            .help(
                "[ALPHA] Requests whose times were predicted in process, since no prediction server"
                    + " answered usefully.")
            .labelNames("plugin_name", "plugin_type")
            .withoutExemplars()
            .register(registry);
    limits.follow(this);
  }

  private static Distribution latency(String name, String help, double[] bounds) {
    return new Distribution("llm_d_epp_" + name, "[ALPHA] " + help, bounds, LABELS);
  }

  private static void twin(
      PrometheusRegistry registry, Collector source, String name, String... labels) {
    registry.register(
        new DeprecatedTwin(source, name.replace("llm_d_epp_", "inference_objective_"), labels));
  }

  private List<Distribution> ours() {
    return List.of(predictedTtft, predictedTpot, ttftDuration, tpotDuration);
  }

  @Override
  public void ended(String producer, RequestLabels labels, Outcome outcome) {
    if (!plugins.shows(producer)) {
      return;
    }
    RequestKey key = limits.limited(labels);
    String[] values = {producer, TYPE, key.model(), key.targetModel()};
    observe(predictedTtft, outcome.predictedTtft(), values);
    observe(predictedTpot, outcome.predictedTpot(), values);
    if (!Double.isNaN(outcome.predictedTtft())) {
      observe(ttftDuration, outcome.predicting(), values);
      observe(tpotDuration, outcome.predicting(), values);
    }
    observe(ttft, outcome.ttft(), values[2], values[3]);
    observe(tpot, outcome.tpot(), values[2], values[3]);
    show(values, "ttft", outcome.ttft(), outcome.isTtftMissed());
    show(values, "tpot", outcome.tpot(), outcome.isTpotMissed());
    predicted(values, "ttft", outcome.predictedTtft(), outcome.predicting());
    predicted(values, "tpot", outcome.predictedTpot(), outcome.predicting());
  }

  @Override
  public void predictedInProcess(String producer) {
    inProcess.labelValues(producer, TYPE).inc();
  }

  private static void observe(Distribution family, double millis, String... values) {
    if (!Double.isNaN(millis)) {
      family.with(values).observe(millis / MILLIS);
    }
  }

  private void show(String[] values, String type, double millis, boolean isMissed) {
    if (!Double.isNaN(millis)) {
      gauge(values, type, millis / MILLIS);
      gauge(values, type + "_slo_violation", isMissed ? 1 : 0);
    }
    if (isMissed) {
      violations.labelValues(values[0], values[1], values[2], values[3], type).inc();
    }
  }

  private void predicted(String[] values, String type, double millis, double predicting) {
    if (!Double.isNaN(millis)) {
      gauge(values, "predicted_" + type, millis / MILLIS);
      gauge(values, type + "_prediction_duration", predicting / MILLIS);
    }
  }

  private void gauge(String[] values, String type, double value) {
    last.labelValues(values[0], values[1], values[2], values[3], type).set(value);
  }

  @Override
  public void retain(LabelLimits shown) {
    ours().forEach(family -> family.retain(labels -> isShown(labels, shown)));
    ttft.retain(labels -> isShown(labels, shown));
    tpot.retain(labels -> isShown(labels, shown));
    RetainedPoints.retain(violations, TYPED, labels -> isShown(labels, shown));
    RetainedPoints.retain(last, TYPED, labels -> isShown(labels, shown));
  }

  /**
   * Another configuration is in force: removed instances are not shown any more.
   *
   * @param inForce names of all instances
   */
  public void changed(Collection<String> inForce) {
    plugins.changed(inForce);
    Predicate<Labels> isKept = labels -> plugins.shows(RetainedPoints.value(labels, PRODUCER));
    ours().forEach(family -> family.retain(isKept));
    RetainedPoints.retain(violations, TYPED, isKept);
    RetainedPoints.retain(last, TYPED, isKept);
  }

  private static boolean isShown(Labels labels, LabelLimits shown) {
    return isShown(RetainedPoints.value(labels, MODEL), shown)
        && isShown(RetainedPoints.value(labels, TARGET), shown);
  }

  private static boolean isShown(String model, LabelLimits shown) {
    return model.equals(RequestKey.OTHER.model()) || shown.showsModel(model);
  }
}
