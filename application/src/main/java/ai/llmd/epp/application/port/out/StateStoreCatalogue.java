package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/**
 * The kinds of stores of one module, found by {@link java.util.ServiceLoader}. What they build is a
 * {@link StateStore}; their names are those of {@code stateStore.type} and of the field beside it
 * that holds the parameters.
 */
public interface StateStoreCatalogue {

  /** In the order in which messages list them. */
  List<PluginType<?>> types();
}
