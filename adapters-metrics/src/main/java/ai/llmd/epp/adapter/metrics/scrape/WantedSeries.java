package ai.llmd.epp.adapter.metrics.scrape;

import java.util.List;

/**
 * A series to look for on a metrics page.
 *
 * @param choice which one to take of several that match
 * @param labels names of the labels whose values are of interest, answered in this order by {@link
 *     Samples#label}
 */
public record WantedSeries(MetricSpec spec, Choice choice, List<String> labels) {

  /** How one of several matching series is chosen; series are never summed. */
  public enum Choice {
    /** The greatest explicit timestamp, none counting as 0; the first of equals. */
    LATEST,
    /** The greatest value above -1, NaN never; the first of equals. For values that are times. */
    GREATEST_VALUE
  }

  public WantedSeries {
    labels = List.copyOf(labels);
  }

  /** The latest value of a gauge or counter. */
  public static WantedSeries latest(MetricSpec spec) {
    return new WantedSeries(spec, Choice.LATEST, List.of());
  }
}
