package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.application.metrics.BoundSource;
import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.application.metrics.Extractor;
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

  /**
   * What a configuration binds.
   *
   * @throws IllegalArgumentException when it is none that is fetched over HTTP
   */
  public static ScrapedSource of(BoundSource bound) {
    return new ScrapedSource(
        scraped(bound.source().plugin()),
        bound.extractors().stream().map(extractor -> reading(extractor.plugin())).toList());
  }

  private static MetricsDataSource scraped(DataSource source) {
    if (source instanceof MetricsDataSource metrics) {
      return metrics;
    }
    throw new IllegalArgumentException("data source " + source.type() + " is none to scrape");
  }

  private static MetricsExtractor reading(Extractor extractor) {
    if (extractor instanceof MetricsExtractor metrics) {
      return metrics;
    }
    throw new IllegalArgumentException("extractor " + extractor.type() + " reads no metrics page");
  }
}
