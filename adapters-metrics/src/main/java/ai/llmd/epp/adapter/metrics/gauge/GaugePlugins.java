package ai.llmd.epp.adapter.metrics.gauge;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The plugins of this package. */
public final class GaugePlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(DcgmDataSource.TYPE, DcgmExtractor.TYPE, MulticlusterMetricsExtractor.TYPE);
  }
}
