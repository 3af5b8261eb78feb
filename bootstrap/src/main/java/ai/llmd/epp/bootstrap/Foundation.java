package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.metrics.scrape.MetricsDataSource;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.bootstrap.cli.Options;
import ai.llmd.epp.bootstrap.config.ConfigurationDocument;
import ai.llmd.epp.bootstrap.config.ConfigurationException;
import ai.llmd.epp.bootstrap.config.ConfigurationLoader;
import ai.llmd.epp.bootstrap.config.ConfigurationSource;
import ai.llmd.epp.bootstrap.config.EffectiveConfiguration;
import ai.llmd.epp.bootstrap.config.PluginKinds;
import ai.llmd.epp.bootstrap.config.PluginServices;
import ai.llmd.epp.bootstrap.plugins.PluginJars;
import ai.llmd.epp.domain.state.SharedState;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What plugins stand on, and the plugins of a configuration upon it.
 *
 * @param jars where some of the plugins come from
 * @param recorder not started
 */
record Foundation(
    PluginJars jars,
    Meters meters,
    SharedState state,
    PrefixRecorder recorder,
    RandomGenerator random,
    LongSupplier nanoClock,
    EffectiveConfiguration configuration)
    implements AutoCloseable {

  /**
   * Reads the configuration and builds its plugins; nothing is started.
   *
   * @throws ConfigurationException with everything that is wrong in the configuration
   * @throws IOException when it cannot be read
   */
  static Foundation lay(Options options) throws ConfigurationException, IOException {
    Options.Configuration where = options.configuration();
    var document = ConfigurationDocument.read(ConfigurationSource.of(where.text(), where.file()));
    PluginJars jars = PluginJars.open(where.pluginPath());
    document.refuse(jars.problems());
    LongSupplier nanoClock = System::nanoTime;
    RandomGenerator random = new PerThreadRandom();
    Meters meters =
        new Meters(new PrometheusRegistry(), options.server().hasStreamMetrics(), nanoClock);
    SharedState state = new SharedState(document.stateBudget());
    PrefixRecorder recorder =
        new PrefixRecorder(
            PrefixRecorder.DEFAULT_WAITING_BLOCKS,
            failure ->
                meters.faults.failed(
                    "PrefixRecorder", "prefix-recorder", "prefix-recorder", failure));
    PluginServices services =
        PluginServices.of(
            Map.of(
                SharedState.class, state,
                PrefixRecorder.class, recorder,
                PrefixObserver.class, meters.prefixes,
                InFlightObserver.class, meters.inFlight,
                EncoderCacheObserver.class, meters.encoderCaches,
                RandomGenerator.class, random,
                LongSupplier.class, nanoClock));
    EffectiveConfiguration configuration =
        new ConfigurationLoader(
                jars.registry(),
                new PluginKinds(MetricsDataSource.class, MetricsExtractor.class),
                where.allowsExperimentalPlugins())
            .load(document, services);
    return new Foundation(jars, meters, state, recorder, random, nanoClock, configuration);
  }

  @Override
  public void close() {
    recorder.close();
    meters.close();
    jars.close();
  }
}
