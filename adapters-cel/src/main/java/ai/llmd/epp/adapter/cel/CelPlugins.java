package ai.llmd.epp.adapter.cel;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The plugins of this module. */
public final class CelPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(AttributeReporter.TYPE);
  }
}
