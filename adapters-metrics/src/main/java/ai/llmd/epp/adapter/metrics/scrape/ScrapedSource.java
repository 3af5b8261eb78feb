package ai.llmd.epp.adapter.metrics.scrape;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A data source and the extractors that read its pages, as configuration binds them. Without
 * extractors nothing is polled.
 */
public record ScrapedSource(MetricsDataSource source, List<MetricsExtractor> extractors) {

  /**
   * @throws IllegalArgumentException when two extractors are of one type
   */
  public ScrapedSource {
    extractors = List.copyOf(extractors);
    Set<String> types = new HashSet<>();
    for (MetricsExtractor extractor : extractors) {
      if (!types.add(extractor.type())) {
        throw new IllegalArgumentException(
            "two extractors of type " + extractor.type() + " on one " + source.type());
      }
    }
  }
}
