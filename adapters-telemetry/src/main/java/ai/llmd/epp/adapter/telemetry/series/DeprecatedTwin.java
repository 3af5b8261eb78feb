package ai.llmd.epp.adapter.telemetry.series;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBucket;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A family under its deprecated name: the new family's numbers, summed over the labels that the old
 * one did not have. Costs nothing between scrapes.
 *
 * <p>When a series of the new family has left, what it counted stays in the sum: a counter that
 * falls would look like a restart. Any thread.
 */
public final class DeprecatedTwin implements Collector {

  private final Collector source;
  private final MetricMetadata metadata;
  private final String[] sourceLabels;
  private final String[] labels;
  private final Map<Labels, Totals> totals = new HashMap<>(); // this

  /**
   * @param name without {@code _total}, which counters get when they are shown
   * @param labels label names that are kept; {@code new=old} renames one
   */
  public DeprecatedTwin(Collector source, String name, String... labels) {
    this.source = source;
    this.metadata =
        new MetricMetadata(name, "[ALPHA] [Deprecated: Use " + source.getPrometheusName() + "]");
    this.sourceLabels = new String[labels.length];
    this.labels = new String[labels.length];
    for (int i = 0; i < labels.length; i++) {
      int equals = labels[i].indexOf('=');
      this.sourceLabels[i] = equals < 0 ? labels[i] : labels[i].substring(0, equals);
      this.labels[i] = labels[i].substring(equals + 1);
    }
  }

  @Override
  public synchronized MetricSnapshot collect() {
    return switch (source.collect()) {
      case CounterSnapshot counters -> counters(counters);
      case GaugeSnapshot gauges -> gauges(gauges);
      case HistogramSnapshot histograms -> histograms(histograms);
      case MetricSnapshot other ->
          throw new IllegalStateException("no twin of " + other.getMetadata().getName());
    };
  }

  /** For the registry, which refuses a second family of this name. */
  @Override
  public String getPrometheusName() {
    return metadata.getPrometheusName();
  }

  @Override
  public Set<String> getLabelNames() {
    return Set.of(labels);
  }

  private CounterSnapshot counters(CounterSnapshot snapshot) {
    List<CounterDataPointSnapshot> points = new ArrayList<>();
    grouped(snapshot.getDataPoints())
        .forEach(
            (kept, group) -> {
              double sum = group.stream().mapToDouble(CounterDataPointSnapshot::getValue).sum();
              points.add(new CounterDataPointSnapshot(risen(kept, sum)[0], kept, null, 0));
            });
    return new CounterSnapshot(metadata, points);
  }

  /** What is shown of numbers that may have lost a series since they were read last. */
  private double[] risen(Labels kept, double... read) {
    return totals.computeIfAbsent(kept, ignored -> new Totals(read.length)).risen(read);
  }

  /** Numbers as they were read last, and what had been counted by series that have left. */
  private static final class Totals {

    private final double[] last;
    private final double[] left;

    Totals(int size) {
      this.last = new double[size];
      this.left = new double[size];
    }

    double[] risen(double[] read) {
      double[] shown = new double[read.length];
      for (int i = 0; i < read.length; i++) {
        left[i] += Math.max(0, last[i] - read[i]);
        last[i] = read[i];
        shown[i] = read[i] + left[i];
      }
      return shown;
    }
  }

  private GaugeSnapshot gauges(GaugeSnapshot snapshot) {
    List<GaugeDataPointSnapshot> points = new ArrayList<>();
    grouped(snapshot.getDataPoints())
        .forEach(
            (kept, group) ->
                points.add(
                    new GaugeDataPointSnapshot(
                        group.stream().mapToDouble(GaugeDataPointSnapshot::getValue).sum(),
                        kept,
                        null)));
    return new GaugeSnapshot(metadata, points);
  }

  private HistogramSnapshot histograms(HistogramSnapshot snapshot) {
    List<HistogramDataPointSnapshot> points = new ArrayList<>();
    grouped(snapshot.getDataPoints()).forEach((kept, group) -> points.add(histogram(kept, group)));
    return new HistogramSnapshot(metadata, points);
  }

  private HistogramDataPointSnapshot histogram(
      Labels kept, List<HistogramDataPointSnapshot> group) {
    int size = group.getFirst().getClassicBuckets().size();
    double[] bounds = new double[size];
    double[] read = new double[size + 1]; // the sum comes last
    for (HistogramDataPointSnapshot point : group) {
      int i = 0;
      for (ClassicHistogramBucket bucket : point.getClassicBuckets()) {
        bounds[i] = bucket.getUpperBound();
        read[i++] += bucket.getCount();
      }
      read[size] += point.getSum();
    }
    double[] shown = risen(kept, read);
    long[] counts = new long[size];
    Arrays.setAll(counts, i -> (long) shown[i]);
    return new HistogramDataPointSnapshot(
        ClassicHistogramBuckets.of(bounds, counts), shown[size], kept, Exemplars.EMPTY, 0);
  }

  private <P extends DataPointSnapshot> Map<Labels, List<P>> grouped(List<P> points) {
    Map<Labels, List<P>> groups = new LinkedHashMap<>();
    for (P point : points) {
      String[] values = new String[labels.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = Objects.requireNonNull(point.getLabels().get(sourceLabels[i]));
      }
      groups.computeIfAbsent(Labels.of(labels, values), kept -> new ArrayList<>()).add(point);
    }
    totals.keySet().retainAll(groups.keySet());
    return groups;
  }
}
