package ai.llmd.epp.application.rollout;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The plugin of this package. */
public final class RolloutPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(RolloutScreener.TYPE);
  }
}
