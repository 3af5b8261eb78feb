package ai.llmd.epp.domain.catalogue;

import java.util.List;

/** A module's visible list of plugins, found by {@link java.util.ServiceLoader}. */
public interface PluginCatalogue {

  List<PluginType<?>> types();
}
