package ai.llmd.epp.adapter.metrics.scrape;

import java.util.List;

/**
 * A series to look for on a metrics page.
 *
 * @param choice which to take of several that match
 * @param labels names of the labels whose values are of interest, answered in this order by {@link
 *     Samples#label}
 */
public record WantedSeries(MetricSpec spec, Choice choice, List<String> labels) {

  /** Which of several matching series are taken. */
  public enum Choice {
    /** The greatest explicit timestamp, none counting as 0; the first of equals. */
    LATEST,
    /**
     * One for each engine ({@link EngineLabels}), all with the greatest explicit timestamp: of
     * several of one engine, which are copies, the greatest value.
     */
    EACH_ENGINE,
    /** One for each engine: the greatest value above -1, NaN never. For values that are times. */
    EACH_ENGINE_NEWEST,
    /** Every one, up to a bound, in the order of the page. */
    EVERY
  }

  public WantedSeries {
    labels = List.copyOf(labels);
  }

  /** The values of a gauge or counter, one for each engine. */
  public static WantedSeries ofEngines(MetricSpec spec) {
    return new WantedSeries(spec, Choice.EACH_ENGINE, List.of());
  }

  /**
   * Every series of a gauge or counter.
   *
   * @param labels names of the labels whose values are of interest
   */
  public static WantedSeries every(MetricSpec spec, List<String> labels) {
    return new WantedSeries(spec, Choice.EVERY, labels);
  }

  /** The latest value of a gauge or counter. */
  public static WantedSeries latest(MetricSpec spec) {
    return new WantedSeries(spec, Choice.LATEST, List.of());
  }
}
