package ai.llmd.epp.adapter.metrics.page;

import ai.llmd.epp.application.metrics.Extractor;
import ai.llmd.epp.domain.pool.EndpointState;
import java.util.function.Consumer;

/** An extractor that reads a page as a whole. */
public interface PageExtractor extends Extractor {

  /**
   * Reads a page. Called on event loops, for one endpoint by one of them at a time.
   *
   * @param page the array holds more than the page
   * @param length bytes of the page, from the first one on
   * @param problems takes one sentence for each thing that was missing or unreadable
   */
  void read(EndpointState endpoint, byte[] page, int length, Consumer<String> problems);
}
