package ai.llmd.epp.adapter.metrics.scrape;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The plugins of this module. */
public final class MetricsPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(
        HttpMetricsDataSource.TYPE,
        HttpMetricsDataSource.MULTICLUSTER_TYPE,
        CoreMetricsExtractor.TYPE);
  }
}
