package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.metrics.scrape.ScrapePauses;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PrefixObserver;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.bootstrap.cli.Options;
import ai.llmd.epp.bootstrap.plugins.PluginJars;
import ai.llmd.epp.configuration.ConfigurationDocument;
import ai.llmd.epp.configuration.ConfigurationLoader;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.configuration.store.StateStoreSettings;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.replication.LocalChangePublisher;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What plugins stand on, whatever the configuration; lives as long as the program.
 *
 * @param jars where some of the plugins come from
 * @param recorder not started
 * @param publisher passes local changes to the replicator, once there is one
 * @param pauses of all scrapers, one after another
 */
record SharedParts(
    PluginJars jars,
    Meters meters,
    PrefixRecorder recorder,
    LocalChangePublisher publisher,
    ScrapePauses pauses,
    RandomGenerator random,
    LongSupplier nanoClock,
    ConfigurationLoader loader)
    implements AutoCloseable {

  /** Reads the jars with plugins; starts nothing. */
  static SharedParts build(Options options) {
    PluginJars jars = PluginJars.open(options.configuration().pluginPath());
    LongSupplier nanoClock = System::nanoTime;
    Meters meters =
        new Meters(new PrometheusRegistry(), options.server().hasStreamMetrics(), nanoClock);
    PrefixRecorder recorder =
        new PrefixRecorder(
            PrefixRecorder.DEFAULT_WAITING_BLOCKS,
            failure ->
                meters.faults.failed(
                    "PrefixRecorder", "prefix-recorder", "prefix-recorder", failure));
    ConfigurationLoader loader =
        new ConfigurationLoader(
            jars.registry(), options.configuration().allowsExperimentalPlugins());
    LocalChangePublisher publisher =
        new LocalChangePublisher(ThreadLocalRandom.current().nextLong());
    return new SharedParts(
        jars,
        meters,
        recorder,
        publisher,
        new ScrapePauses(),
        new PerThreadRandom(),
        nanoClock,
        loader);
  }

  /**
   * Builds the plugins of a configuration; nothing is started.
   *
   * @param inForce what it is to replace, whose plugins are kept where they would be built alike;
   *     null at the start
   * @throws InvalidDocumentException with everything that is wrong in the configuration
   */
  Draft draft(YamlSource source, @Nullable Draft inForce) throws InvalidDocumentException {
    var document = ConfigurationDocument.read(source);
    document.refuse(jars.problems());
    SharedState state =
        inForce == null ? newState(document.stateStore()) : inForce.state().successor();
    StagedPrefixes prefixes = new StagedPrefixes();
    EffectiveConfiguration configuration =
        loader.load(
            document, services(state, prefixes), inForce == null ? null : inForce.configuration());
    if (inForce != null) {
      configuration.built().stream()
          .filter(built -> inForce.configuration().has(built.plugin()))
          .forEach(kept -> state.adopt(kept.name(), inForce.state()));
    }
    return new Draft(configuration, state, prefixes);
  }

  private SharedState newState(StateStoreSettings settings) {
    return new SharedState(
        settings.budget(),
        publisher.sharing(settings.replication().hashSecret(), System::currentTimeMillis));
  }

  private PluginServices services(SharedState state, PrefixObserver prefixes) {
    return PluginServices.of(
        Map.of(
            SharedState.class, state,
            PrefixRecorder.class, recorder,
            LocalChanges.class, publisher,
            PrefixObserver.class, prefixes,
            InFlightObserver.class, meters.inFlight,
            EncoderCacheObserver.class, meters.encoderCaches,
            SampleAge.class, pauses,
            RandomGenerator.class, random,
            LongSupplier.class, nanoClock));
  }

  @Override
  public void close() {
    recorder.close();
    meters.close();
    jars.close();
  }
}
