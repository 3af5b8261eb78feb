package ai.llmd.epp.adapter.telemetry.trace;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts spans by what became of them. Any thread. */
public final class SpanMeters {

  final CounterDataPoint exported;
  final CounterDataPoint failed;
  final CounterDataPoint dropped;

  public SpanMeters(PrometheusRegistry registry) {
    Counter spans =
        Counter.builder()
            .name("llm_d_epp_trace_spans_total")
            .help(
                "[ALPHA] Recorded spans, by what became of them: exported, failed in the exporter,"
                    + " or dropped because the exporter was behind.")
            .labelNames("outcome")
            .withoutExemplars()
            .register(registry);
    exported = spans.labelValues("exported");
    failed = spans.labelValues("failed");
    dropped = spans.labelValues("dropped");
  }
}
