package ai.llmd.epp.adapter.telemetry.series;

import io.prometheus.metrics.core.metrics.StatefulMetric;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Predicate;

/** Drops series from families of the client library, which do not list them otherwise. */
public final class RetainedPoints {

  private RetainedPoints() {}

  /**
   * Keeps the series whose labels pass.
   *
   * @param names of the family's labels, in the order in which they were declared
   */
  public static void retain(StatefulMetric<?, ?> family, String[] names, Predicate<Labels> isKept) {
    for (DataPointSnapshot point : family.collect().getDataPoints()) {
      Labels labels = point.getLabels();
      if (!isKept.test(labels)) {
        family.remove(Arrays.stream(names).map(labels::get).toArray(String[]::new));
      }
    }
  }

  /** The value of a label that every series of the family has. */
  public static String value(Labels labels, String name) {
    return Objects.requireNonNull(labels.get(name));
  }
}
