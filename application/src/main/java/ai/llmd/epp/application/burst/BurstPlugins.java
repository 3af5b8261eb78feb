package ai.llmd.epp.application.burst;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** What brings requests of a burst together. */
public final class BurstPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(BurstPrefixCacheProducer.TYPE);
  }
}
