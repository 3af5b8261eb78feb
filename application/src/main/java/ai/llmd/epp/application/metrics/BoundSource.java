package ai.llmd.epp.application.metrics;

import ai.llmd.epp.domain.catalogue.Named;
import java.util.List;

/** A data source and the extractors that read what it fetches, as a configuration binds them. */
public record BoundSource(Named<DataSource> source, List<Named<Extractor>> extractors) {

  public BoundSource {
    extractors = List.copyOf(extractors);
  }
}
