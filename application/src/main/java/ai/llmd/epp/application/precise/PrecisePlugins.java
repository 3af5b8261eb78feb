package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** What follows the caches of model servers exactly. */
public final class PrecisePlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(PrecisePrefixCacheProducer.TYPE, HostingPrecisePrefixCacheScorer.TYPE);
  }
}
