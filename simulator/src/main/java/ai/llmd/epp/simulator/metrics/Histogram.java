package ai.llmd.epp.simulator.metrics;

import java.util.Arrays;

/** Counts values by bucket. Belongs to one thread. */
final class Histogram {

  private final double[] bounds;
  private final long[] counts; // one more than bounds: the last is beyond all
  private double sum;

  /**
   * @param bounds inclusive upper bounds, ascending; not copied
   */
  Histogram(double... bounds) {
    this.bounds = bounds;
    this.counts = new long[bounds.length + 1];
  }

  /** With bounds 1, 2, 5, 10, 20, … up to a limit. */
  static Histogram upTo(int limit) {
    double[] bounds = new double[3 * 10]; // three per power of ten of an int
    int size = 0;
    for (long power = 1; power <= limit; power *= 10) {
      for (long factor = 1; factor <= 5; factor += factor == 1 ? 1 : 3) {
        if (power * factor <= limit) {
          bounds[size++] = power * factor;
        }
      }
    }
    return new Histogram(Arrays.copyOf(bounds, size));
  }

  void observe(double value) {
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket]++;
    sum += value;
  }

  void observeNanos(long nanos) {
    observe((double) nanos / 1e9);
  }

  void writeTo(EngineMetricsText text, String name) {
    text.type(name, "histogram");
    long cumulative = 0;
    for (int i = 0; i < bounds.length; i++) {
      cumulative += counts[i];
      text.bucket(name, bounds[i], cumulative);
    }
    cumulative += counts[bounds.length];
    text.bucket(name, Double.POSITIVE_INFINITY, cumulative);
    text.sample(name + "_sum", sum);
    text.sample(name + "_count", (double) cumulative);
  }
}
