package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.kvevents.stream.KvEventSubscriptions;
import ai.llmd.epp.adapter.latency.PredictionServers;
import ai.llmd.epp.adapter.metrics.scrape.ScrapePauses;
import ai.llmd.epp.adapter.tokenizers.RenderingTokenizers;
import ai.llmd.epp.application.latency.LatencyObserver;
import ai.llmd.epp.application.latency.LatencyServers;
import ai.llmd.epp.application.port.out.EncoderCacheObserver;
import ai.llmd.epp.application.port.out.InFlightObserver;
import ai.llmd.epp.application.port.out.LocalChanges;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.application.port.out.kvcache.KvEventFeeds;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.application.rollout.RolloutObserver;
import ai.llmd.epp.bootstrap.plugins.PluginJars;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.ConfigurationLoader;
import ai.llmd.epp.configuration.plugin.PluginServices;
import ai.llmd.epp.configuration.reload.DraftBuilder;
import ai.llmd.epp.domain.pool.SampleAge;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.replication.LocalChangePublisher;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What plugins stand on, whatever the configuration; lives as long as the program.
 *
 * @param jars where some of the plugins come from
 * @param recorder not started
 * @param publisher passes local changes to the replicator, once there is one
 * @param pauses of all scrapers, one after another
 * @param drafts builds plugins upon these parts
 */
record SharedParts(
    PluginJars jars,
    Meters meters,
    PrefixRecorder recorder,
    LocalChangePublisher publisher,
    ScrapePauses pauses,
    RandomGenerator random,
    LongSupplier nanoClock,
    DraftBuilder drafts)
    implements AutoCloseable {

  /** Reads the jars with plugins; starts nothing. */
  static SharedParts build(Options options) {
    PluginJars jars = PluginJars.open(options.configuration().pluginPath());
    LongSupplier nanoClock = System::nanoTime;
    Meters meters =
        new Meters(
            new PrometheusRegistry(),
            options.server().hasStreamMetrics(),
            options.metrics().hasLegacyNames(),
            nanoClock);
    PrefixRecorder recorder =
        new PrefixRecorder(
            PrefixRecorder.DEFAULT_WAITING_BLOCKS,
            failure ->
                meters.faults.failed(
                    "PrefixRecorder", "prefix-recorder", "prefix-recorder", failure),
            meters.threads);
    LocalChangePublisher publisher =
        new LocalChangePublisher(ThreadLocalRandom.current().nextLong());
    ScrapePauses pauses = new ScrapePauses();
    RandomGenerator random = new PerThreadRandom();
    PluginServices services =
        PluginServices.of(
                Map.of(
                    PrefixRecorder.class, recorder,
                    LocalChanges.class, publisher,
                    InFlightObserver.class, meters.inFlight,
                    EncoderCacheObserver.class, meters.encoderCaches,
                    SampleAge.class, pauses,
                    RandomGenerator.class, random,
                    LongSupplier.class, nanoClock,
                    KvEventFeeds.class, new KvEventSubscriptions(nanoClock),
                    PromptTokenizers.class, new RenderingTokenizers(nanoClock)))
            .with(RolloutObserver.class, meters.rollouts)
            .with(LatencyObserver.class, meters.latencies)
            .with(LatencyServers.Source.class, new PredictionServers(System.getenv(), nanoClock));
    return new SharedParts(
        jars,
        meters,
        recorder,
        publisher,
        pauses,
        random,
        nanoClock,
        drafts(options, jars, services, publisher));
  }

  private static DraftBuilder drafts(
      Options options, PluginJars jars, PluginServices services, LocalChangePublisher publisher) {
    return new DraftBuilder(
        new ConfigurationLoader(
            jars.registry(), options.configuration().allowsExperimentalPlugins()),
        jars.problems(),
        options.configuration().featureGates(),
        services,
        settings ->
            new SharedState(
                settings.budget(),
                publisher.sharing(settings.replication().hashSecret(), System::currentTimeMillis)));
  }

  @Override
  public void close() {
    recorder.close();
    meters.close();
    jars.close();
  }
}
