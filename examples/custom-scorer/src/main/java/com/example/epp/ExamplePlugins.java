package com.example.epp;

import ai.llmd.epp.domain.catalogue.PluginCatalogue;
import ai.llmd.epp.domain.catalogue.PluginType;
import java.util.List;

/** Every plugin of this jar; {@code META-INF/services} names this class. */
public final class ExamplePlugins implements PluginCatalogue {

  @Override
  public List<PluginType<?>> types() {
    return List.of(PriceScorer.TYPE);
  }
}
