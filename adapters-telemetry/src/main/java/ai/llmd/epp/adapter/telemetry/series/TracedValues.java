package ai.llmd.epp.adapter.telemetry.series;

import ai.llmd.epp.application.port.out.RequestTrace;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The last values of a series that have a trace: {@value #MAX_KEPT} at most, which is fewer than
 * there are buckets, but neighbours never displace each other. Any thread.
 */
final class TracedValues {

  static final int MAX_KEPT = 8;

  private final AtomicReferenceArray<Exemplar> kept = new AtomicReferenceArray<>(MAX_KEPT);

  /**
   * Keeps one.
   *
   * @param bucket index of the bucket that it lies in
   */
  void put(int bucket, double value, RequestTrace.Ids trace) {
    kept.set(
        bucket % MAX_KEPT,
        Exemplar.builder()
            .value(value)
            .traceId(trace.traceId())
            .spanId(trace.spanId())
            .timestampMillis(System.currentTimeMillis())
            .build());
  }

  Exemplars shown() {
    List<Exemplar> shown = new ArrayList<>(MAX_KEPT);
    for (int i = 0; i < MAX_KEPT; i++) {
      Exemplar exemplar = kept.get(i);
      if (exemplar != null) {
        shown.add(exemplar);
      }
    }
    return Exemplars.of(shown);
  }
}
