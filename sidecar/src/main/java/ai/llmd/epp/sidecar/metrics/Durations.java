package ai.llmd.epp.sidecar.metrics;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** A histogram of durations. Any thread. */
final class Durations {

  private static final double[] UPPER = {
    0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300
  }; // seconds

  private final LongAdder[] counts = new LongAdder[UPPER.length + 1];
  private final LongAdder nanos = new LongAdder();

  Durations() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  void add(long took) {
    double seconds = took / 1e9;
    int bucket = 0;
    while (bucket < UPPER.length && seconds > UPPER[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    nanos.add(took);
  }

  /**
   * @param labels at least one, without braces
   */
  void writeTo(StringBuilder page, String name, String labels) {
    long all = 0;
    for (int i = 0; i < counts.length; i++) {
      all += counts[i].sum();
      String upper = i < UPPER.length ? number(UPPER[i]) : "+Inf";
      page.append("%s_bucket{%s,le=\"%s\"} %d\n".formatted(name, labels, upper, all));
    }
    page.append("%s_sum{%s} %s\n".formatted(name, labels, number(nanos.sum() / 1e9)));
    page.append("%s_count{%s} %d\n".formatted(name, labels, all));
  }

  private static String number(double value) {
    return value == Math.rint(value) && value < 1e15
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%s", value);
  }
}
