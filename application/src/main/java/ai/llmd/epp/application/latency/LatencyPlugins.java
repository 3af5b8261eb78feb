package ai.llmd.epp.application.latency;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The plugins of this package. */
public final class LatencyPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(PredictedLatencyProducer.TYPE);
  }
}
