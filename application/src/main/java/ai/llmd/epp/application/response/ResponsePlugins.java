package ai.llmd.epp.application.response;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** Every plugin of this module that acts on responses alone. */
public final class ResponsePlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(ServedEndpointVerifier.TYPE);
  }
}
