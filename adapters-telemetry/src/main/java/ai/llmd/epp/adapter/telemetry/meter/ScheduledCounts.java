package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.DeprecatedTwin;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.series.LabelledSeries;
import ai.llmd.epp.adapter.telemetry.series.NameLimit;
import ai.llmd.epp.adapter.telemetry.series.RetainedPoints;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts scheduling calls by model and destination. Any thread. */
final class ScheduledCounts implements LabelledSeries {

  /** A pool of a hundred endpoints may serve a hundred models before they are shown as one. */
  private static final int MAX_SERIES = 10_000;

  private static final String MODEL = "target_model_name";
  private static final String[] LABELS = {"status", MODEL, "endpoint_name", "namespace", "port"};

  private final Counter attempts;
  private final Map<Destination, CounterDataPoint> succeeded = new ConcurrentHashMap<>();

  ScheduledCounts(PrometheusRegistry registry) {
    attempts =
        Counter.builder()
            .name("llm_d_epp_scheduler_attempts_total")
            .help("[ALPHA] Scheduling calls.")
            .labelNames(LABELS)
            .withoutExemplars()
            .register(registry);
    registry.register(
        new DeprecatedTwin(
            attempts,
            "inference_extension_scheduler_attempts",
            "status",
            MODEL,
            "endpoint_name=pod_name",
            "namespace",
            "port"));
  }

  /**
   * @param model fit to be shown
   */
  void failed(String model) {
    attempts.labelValues("failure", model, "", "", "").inc();
  }

  /**
   * @param model fit to be shown
   */
  void succeeded(String model, Endpoint endpoint) {
    var destination = new Destination(model, endpoint.id(), endpoint.port());
    CounterDataPoint known = succeeded.get(destination);
    (known == null ? bind(destination) : known).inc();
  }

  /**
   * Drops an endpoint's series. A request in flight may bring one back; it goes when the endpoint's
   * name is used again and dropped again, and it counts towards the bound.
   */
  synchronized void forget(Endpoint endpoint) {
    succeeded
        .keySet()
        .removeIf(
            destination -> {
              boolean isGone = destination.endpoint().equals(endpoint.id());
              if (isGone) {
                attempts.remove(destination.labels());
              }
              return isGone;
            });
  }

  @Override
  public synchronized void retain(LabelLimits shown) {
    RetainedPoints.retain(
        attempts, LABELS, labels -> shown.showsModel(RetainedPoints.value(labels, MODEL)));
    succeeded.keySet().removeIf(destination -> !shown.showsModel(destination.model()));
  }

  private synchronized CounterDataPoint bind(Destination destination) {
    if (succeeded.size() >= MAX_SERIES && !succeeded.containsKey(destination)) {
      return attempts.labelValues("success", NameLimit.OTHER, NameLimit.OTHER, "", "");
    }
    return succeeded.computeIfAbsent(destination, one -> attempts.labelValues(one.labels()));
  }

  private record Destination(String model, EndpointId endpoint, int port) {

    String[] labels() {
      return new String[] {
        "success", model, endpoint.name(), endpoint.namespace(), Integer.toString(port)
      };
    }
  }
}
