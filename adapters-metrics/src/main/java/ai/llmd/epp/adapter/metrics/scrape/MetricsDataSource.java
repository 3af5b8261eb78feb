package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.adapter.metrics.page.PageSource;
import ai.llmd.epp.application.metrics.Extractor;

/** A data source whose pages have the format of Prometheus. */
public interface MetricsDataSource extends PageSource {

  @Override
  default boolean feeds(Extractor extractor) {
    return extractor instanceof MetricsExtractor;
  }

  @Override
  default boolean isOfLoads() {
    return true;
  }

  @Override
  default String mediaType() {
    return "text/plain;version=0.0.4";
  }
}
