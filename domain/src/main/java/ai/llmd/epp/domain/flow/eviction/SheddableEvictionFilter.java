package ai.llmd.epp.domain.flow.eviction;

import ai.llmd.epp.domain.catalogue.NoParameters;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.catalogue.PluginType;

/**
 * Lets sheddable requests alone be evicted: those of a priority below 0. Flow control always uses
 * it; a configuration may declare it and cannot choose another.
 */
public final class SheddableEvictionFilter implements Plugin {

  public static final PluginType<NoParameters> TYPE =
      PluginType.of("sheddable-eviction-filter", SheddableEvictionFilter::new).alpha();

  /** Whether a request may be evicted. */
  public static boolean accepts(RunningRequest request) {
    return request.priority() < 0;
  }
}
