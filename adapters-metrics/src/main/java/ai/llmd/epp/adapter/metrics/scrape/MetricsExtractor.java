package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointLoad;
import java.util.List;
import java.util.function.Consumer;

/** An extractor that turns the samples of a metrics page into the load of an endpoint. */
public interface MetricsExtractor extends Extractor {

  /**
   * How to read the pages of this endpoint. Endpoints that are read alike should get the same
   * object, so that they share one compiled plan. Called on an event loop when an endpoint comes or
   * changes.
   */
  LoadReading readingFor(Endpoint endpoint);

  /** How the page of one kind of model server is read. Stateless; called on event loops. */
  interface LoadReading {

    /** The series to look for. */
    List<WantedSeries> wanted();

    /**
     * Computes the next load from the previous one and a page. What the page lacks keeps its value.
     *
     * @param first position in the samples of this reading's first wanted series
     * @param nowNanos {@link System#nanoTime()} when the page was complete
     * @param problems takes one sentence for each thing that was missing or unreadable
     * @return {@code previous} itself when the page had nothing for this reading
     */
    EndpointLoad read(
        Samples samples,
        int first,
        EndpointLoad previous,
        long nowNanos,
        Consumer<String> problems);
  }
}
