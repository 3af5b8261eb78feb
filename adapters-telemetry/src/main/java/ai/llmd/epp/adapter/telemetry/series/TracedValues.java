package ai.llmd.epp.adapter.telemetry.series;

import ai.llmd.epp.application.port.out.RequestTrace;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The last values of a series that have a trace: {@value #MAX_KEPT} at most, which is fewer than
 * there are buckets, but neighbours never displace each other. An exemplar is made when the page
 * is, and not with each value, most of which are displaced before. Any thread.
 */
final class TracedValues {

  static final int MAX_KEPT = 8;

  private final AtomicReferenceArray<Traced> kept = new AtomicReferenceArray<>(MAX_KEPT);

  private record Traced(double value, RequestTrace.Ids trace, long atMillis) {

    Exemplar exemplar() {
      return Exemplar.builder()
          .value(value)
          .traceId(trace.traceId())
          .spanId(trace.spanId())
          .timestampMillis(atMillis)
          .build();
    }
  }

  /**
   * Keeps one.
   *
   * @param bucket index of the bucket that it lies in
   */
  void put(int bucket, double value, RequestTrace.Ids trace) {
    kept.set(bucket % MAX_KEPT, new Traced(value, trace, System.currentTimeMillis()));
  }

  Exemplars shown() {
    List<Exemplar> shown = new ArrayList<>(MAX_KEPT);
    for (int i = 0; i < MAX_KEPT; i++) {
      Traced traced = kept.get(i);
      if (traced != null) {
        shown.add(traced.exemplar());
      }
    }
    return Exemplars.of(shown);
  }
}
