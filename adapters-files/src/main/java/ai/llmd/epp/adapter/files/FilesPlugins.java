package ai.llmd.epp.adapter.files;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** The plugins of this module. */
public final class FilesPlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(FileDiscovery.TYPE, FileDiscovery.MULTICLUSTER_TYPE);
  }
}
