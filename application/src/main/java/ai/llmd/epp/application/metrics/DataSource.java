package ai.llmd.epp.application.metrics;

import ai.llmd.epp.domain.catalogue.Plugin;
import java.time.Duration;

/**
 * A plugin that knows where the state of endpoints can be read. The adapter that reads it knows
 * more of it.
 */
public interface DataSource extends Plugin {

  /** The plugin type, under which failed polls are counted. */
  String type();

  /** Whether an extractor can read what this source delivers. */
  boolean feeds(Extractor extractor);

  /** Whether what this source delivers tells how loaded endpoints are. */
  default boolean isOfLoads() {
    return false;
  }

  /** Time between two polls of an endpoint; zero means every tick. */
  Duration interval();
}
