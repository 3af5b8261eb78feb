package ai.llmd.epp.application.metrics;

import ai.llmd.epp.domain.catalogue.Plugin;

/**
 * A plugin that learns about endpoints from what a {@link DataSource} delivers. The adapter that
 * calls it knows more of it.
 */
public interface Extractor extends Plugin {

  /** The plugin type, under which failed extractions are counted. */
  String type();
}
