package ai.llmd.epp.adapter.telemetry.series;

import ai.llmd.epp.application.port.out.RequestTrace;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A histogram family with fixed buckets. Any thread.
 *
 * <p>One array of counters per series, and observations may come in batches. The client library's
 * own histogram would take a striped counter per bucket, a native histogram's buffers and a lock at
 * every scrape; with a dozen families per request and a series for each model and tenant that is
 * what the memory goes into. A scrape may see the count of an observation before its sum.
 */
public final class Distribution implements Collector {

  private final MetricMetadata metadata;
  private final double[] upperBounds;
  private final String[] labelNames;
  private final Map<Labels, Series> series = new ConcurrentHashMap<>();

  /**
   * @param upperBounds ascending, inclusive, without infinity
   */
  public Distribution(String name, String help, double[] upperBounds, String... labelNames) {
    this.metadata = new MetricMetadata(name, help);
    this.upperBounds = upperBounds;
    this.labelNames = labelNames;
  }

  /** The series of these label values; created when first asked for, shown when first used. */
  public Series with(String... labelValues) {
    return series.computeIfAbsent(
        Labels.of(labelNames, labelValues), labels -> new Series(upperBounds));
  }

  /** Drops the series whose labels do not pass. */
  public void retain(Predicate<Labels> isKept) {
    series.keySet().removeIf(labels -> !isKept.test(labels));
  }

  @Override
  public HistogramSnapshot collect() {
    List<HistogramDataPointSnapshot> points = new ArrayList<>(series.size());
    series.forEach(
        (labels, one) -> {
          long[] counts = one.counts();
          if (labels.isEmpty() || Arrays.stream(counts).anyMatch(count -> count > 0)) {
            points.add(point(labels, counts, one.sum.sum(), one.exemplars()));
          }
        });
    return new HistogramSnapshot(metadata, points);
  }

  /** For the registry, which refuses a second family of this name. */
  @Override
  public String getPrometheusName() {
    return metadata.getPrometheusName();
  }

  @Override
  public Set<String> getLabelNames() {
    return Set.of(labelNames);
  }

  private HistogramDataPointSnapshot point(
      Labels labels, long[] counts, double sum, Exemplars exemplars) {
    double[] bounds = Arrays.copyOf(upperBounds, counts.length);
    bounds[bounds.length - 1] = Double.POSITIVE_INFINITY;
    return new HistogramDataPointSnapshot(
        ClassicHistogramBuckets.of(bounds, counts), sum, labels, exemplars, 0);
  }

  /** The numbers under one set of label values. */
  public static final class Series {

    private final double[] upperBounds;
    private final AtomicLongArray counts;
    private final DoubleAdder sum = new DoubleAdder();
    private volatile @Nullable TracedValues traced; // null before the first

    private Series(double[] upperBounds) {
      this.upperBounds = upperBounds;
      this.counts = new AtomicLongArray(upperBounds.length + 1);
    }

    public void observe(double value) {
      counts.incrementAndGet(bucket(upperBounds, value));
      sum.add(value);
    }

    /**
     * Of a request that may have a trace, by which the page shows an example of its bucket.
     *
     * @param trace null when it is not recorded
     */
    public void observe(double value, RequestTrace.@Nullable Ids trace) {
      observe(value);
      if (trace != null) {
        traced().put(bucket(upperBounds, value), value, trace);
      }
    }

    private TracedValues traced() {
      TracedValues known = traced;
      if (known == null) {
        synchronized (this) {
          known = traced;
          if (known == null) {
            known = new TracedValues();
            traced = known;
          }
        }
      }
      return known;
    }

    private Exemplars exemplars() {
      TracedValues known = traced;
      return known == null ? Exemplars.EMPTY : known.shown();
    }

    /** Bytes or tokens; beyond 2^53 the last digits get lost, which no bucket would show. */
    public void observe(long value) {
      observe((double) value);
    }

    public void observeNanos(long nanos) {
      observe(nanos / 1e9);
    }

    /** Adds a batch of observations and empties it. */
    public void drain(Batch batch) {
      for (int i = 0; i < batch.counts.length; i++) {
        if (batch.counts[i] > 0) {
          counts.addAndGet(i, batch.counts[i]);
        }
      }
      sum.add(batch.sum);
      batch.clear();
    }

    private long[] counts() {
      long[] now = new long[counts.length()];
      for (int i = 0; i < now.length; i++) {
        now[i] = counts.get(i);
      }
      return now;
    }
  }

  /** Observations that one thread gathers for a series. */
  public static final class Batch {

    private final double[] upperBounds;
    private final int[] counts;
    private double sum;
    private int size;

    public Batch(double[] upperBounds) {
      this.upperBounds = upperBounds;
      this.counts = new int[upperBounds.length + 1];
    }

    public void observe(double value) {
      counts[bucket(upperBounds, value)]++;
      sum += value;
      size++;
    }

    public int size() {
      return size;
    }

    private void clear() {
      Arrays.fill(counts, 0);
      sum = 0;
      size = 0;
    }
  }

  /** Index of the first bound that is not below the value. */
  private static int bucket(double[] upperBounds, double value) {
    int found = Arrays.binarySearch(upperBounds, value);
    return found >= 0 ? found : -found - 1;
  }
}
