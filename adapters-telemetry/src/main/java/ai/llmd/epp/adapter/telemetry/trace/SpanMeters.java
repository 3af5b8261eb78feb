package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.traces.SpanCounts;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts spans by what became of them. Any thread. */
public final class SpanMeters implements SpanCounts {

  private final CounterDataPoint exported;
  private final CounterDataPoint failed;
  private final CounterDataPoint dropped;

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

  @Override
  public void exported(int spans) {
    exported.inc(spans);
  }

  @Override
  public void failed(int spans) {
    failed.inc(spans);
  }

  @Override
  public void dropped(int spans) {
    dropped.inc(spans);
  }
}
