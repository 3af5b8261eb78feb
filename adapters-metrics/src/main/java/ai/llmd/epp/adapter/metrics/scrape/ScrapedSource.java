package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.page.PageExtractor;
import ai.llmd.epp.adapter.metrics.page.PageReading;
import ai.llmd.epp.adapter.metrics.page.PageSource;
import ai.llmd.epp.adapter.metrics.page.WholePage;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor.LoadReading;
import ai.llmd.epp.application.metrics.BoundSource;
import ai.llmd.epp.application.metrics.DataSource;
import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A data source and the extractors that read its pages, as configuration binds them. Without
 * extractors nothing is polled.
 */
public record ScrapedSource(PageSource source, List<Extractor> extractors) {

  /**
   * @throws IllegalArgumentException when two extractors are of one type, or one cannot read what
   *     the source delivers
   */
  public ScrapedSource {
    extractors = List.copyOf(extractors);
    Set<String> types = new HashSet<>();
    for (Extractor extractor : extractors) {
      if (!types.add(extractor.type())) {
        throw new IllegalArgumentException(
            "two extractors of type " + extractor.type() + " on one " + source.type());
      }
      if (!source.feeds(extractor)) {
        throw new IllegalArgumentException(
            "extractor " + extractor.type() + " cannot read pages of " + source.type());
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
        scraped(bound.source().plugin()), bound.extractors().stream().map(Named::plugin).toList());
  }

  /** How the metrics pages of an endpoint are read, one reading for each extractor. */
  List<LoadReading> readings(Endpoint endpoint) {
    return ofType(MetricsExtractor.class).stream().map(one -> one.readingFor(endpoint)).toList();
  }

  /**
   * What takes in the pages of an endpoint.
   *
   * @param readings those of the endpoint
   */
  PageReading reading(ScrapeLoop loop, EndpointState state, List<LoadReading> readings) {
    return source instanceof MetricsDataSource
        ? new MetricsPage(loop, state, readings)
        : new WholePage(state, ofType(PageExtractor.class));
  }

  private <E extends Extractor> List<E> ofType(Class<E> type) {
    return extractors.stream().filter(type::isInstance).map(type::cast).toList();
  }

  private static PageSource scraped(DataSource source) {
    if (source instanceof PageSource pages) {
      return pages;
    }
    throw new IllegalArgumentException("data source " + source.type() + " is none to scrape");
  }
}
