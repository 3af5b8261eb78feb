package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.adapter.metrics.scrape.MetricsDataSource;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor;
import org.jspecify.annotations.Nullable;

/** Loads configurations with every plugin on the class path, upon parts that do nothing. */
final class RealPlugins {

  static final PluginRegistry REGISTRY = PluginRegistry.discover();
  static final PluginKinds KINDS = new PluginKinds(MetricsDataSource.class, MetricsExtractor.class);

  private RealPlugins() {}

  static EffectiveConfiguration load(String text) throws ConfigurationException {
    return load(text, null);
  }

  static EffectiveConfiguration load(String text, @Nullable EffectiveConfiguration inForce)
      throws ConfigurationException {
    return load(new ConfigurationSource("epp.yaml", text), inForce);
  }

  static EffectiveConfiguration load(
      ConfigurationSource source, @Nullable EffectiveConfiguration inForce)
      throws ConfigurationException {
    return new ConfigurationLoader(REGISTRY, KINDS, true)
        .load(ConfigurationDocument.read(source), Loading.services(), inForce);
  }
}
