package ai.llmd.epp.adapter.metrics.models;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The plugins of this package. */
public final class ModelsPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(ModelsDataSource.TYPE, ModelsDataExtractor.TYPE);
  }
}
