package ai.llmd.epp.adapter.telemetry.meter;

import ai.llmd.epp.adapter.telemetry.series.Buckets;
import ai.llmd.epp.adapter.telemetry.series.Distribution;
import io.prometheus.metrics.core.datapoints.GaugeDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts ext-proc streams. */
public sealed interface StreamMeters {

  /** Counts nothing and shows no family: the default. */
  static StreamMeters off() {
    return new Off();
  }

  /** For {@code --enable-grpc-stream-metrics}. */
  static StreamMeters in(PrometheusRegistry registry) {
    return new On(registry);
  }

  void started();

  /**
   * A stream is over.
   *
   * @param grpcCode in camel case, as in {@code DeadlineExceeded}
   */
  void ended(String grpcCode, long nanos);

  /** Without the flag. */
  record Off() implements StreamMeters {

    @Override
    public void started() {}

    @Override
    public void ended(String grpcCode, long nanos) {}
  }

  /** With the flag. */
  final class On implements StreamMeters {

    private final GaugeDataPoint inFlight;
    private final Distribution.Series durations;
    private final Counter ended;

    private On(PrometheusRegistry registry) {
      inFlight =
          Gauge.builder()
              .name("llm_d_epp_extproc_streams_inflight")
              .help("[ALPHA] Open streams.")
              .withoutExemplars()
              .register(registry);
      inFlight.set(0);
      var seconds =
          new Distribution(
              "llm_d_epp_extproc_stream_duration_seconds",
              "[ALPHA] Duration of a stream.",
              Buckets.STREAM);
      registry.register(seconds);
      durations = seconds.with();
      ended =
          Counter.builder()
              .name("llm_d_epp_extproc_streams_total")
              .help("[ALPHA] Ended streams, by gRPC code.")
              .labelNames("code")
              .withoutExemplars()
              .register(registry);
    }

    @Override
    public void started() {
      inFlight.inc();
    }

    @Override
    public void ended(String grpcCode, long nanos) {
      inFlight.dec();
      durations.observeNanos(nanos);
      ended.labelValues(grpcCode).inc();
    }
  }
}
