package ai.llmd.epp.bootstrap.config;

import ai.llmd.epp.adapter.metrics.scrape.MetricsDataSource;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.domain.state.SharedState;
import java.util.Map;
import java.util.random.RandomGenerator;
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
        .load(ConfigurationDocument.read(source), services(), inForce);
  }

  private static PluginServices services() {
    return PluginServices.of(
        Map.of(
            SharedState.class,
            new SharedState(SharedState.Budget.DEFAULT),
            PrefixRecorder.class,
            new PrefixRecorder(1, failure -> {}),
            PrefixObserver.class,
            PrefixObserver.NONE,
            InFlightObserver.class,
            InFlightObserver.NONE,
            RandomGenerator.class,
            RandomGenerator.getDefault()));
  }
}
