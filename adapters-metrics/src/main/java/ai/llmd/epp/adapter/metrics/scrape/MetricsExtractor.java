package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.domain.pool.Endpoint;

/** An extractor that turns the samples of a metrics page into the load of an endpoint. */
public interface MetricsExtractor extends Extractor {

  /**
   * How to read the pages of this endpoint. Endpoints that are read alike should get the same
   * object, so that they share one compiled plan. Called on an event loop when an endpoint comes or
   * changes.
   */
  LoadReading readingFor(Endpoint endpoint);
}
