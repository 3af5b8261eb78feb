package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.metrics.scrape.ScrapeObserver;
import ai.llmd.epp.adapter.telemetry.exposition.PrometheusText;
import ai.llmd.epp.adapter.telemetry.meter.ConfigurationMeters;
import ai.llmd.epp.adapter.telemetry.meter.DataLayerMeters;
import ai.llmd.epp.adapter.telemetry.meter.DisaggregationMeters;
import ai.llmd.epp.adapter.telemetry.meter.EncoderCacheMeters;
import ai.llmd.epp.adapter.telemetry.meter.EppMeters;
import ai.llmd.epp.adapter.telemetry.meter.InFlightMeters;
import ai.llmd.epp.adapter.telemetry.meter.ObjectFileMeters;
import ai.llmd.epp.adapter.telemetry.meter.PluginDurations;
import ai.llmd.epp.adapter.telemetry.meter.PluginFaultMeters;
import ai.llmd.epp.adapter.telemetry.meter.PrefixMeters;
import ai.llmd.epp.adapter.telemetry.meter.ProgramMeters;
import ai.llmd.epp.adapter.telemetry.meter.RoutingMeters;
import ai.llmd.epp.adapter.telemetry.meter.RuntimeMeters;
import ai.llmd.epp.adapter.telemetry.meter.StreamMeters;
import ai.llmd.epp.adapter.telemetry.meter.ThreadMeters;
import ai.llmd.epp.adapter.telemetry.plugin.LatencyMeters;
import ai.llmd.epp.adapter.telemetry.plugin.RolloutMeters;
import ai.llmd.epp.adapter.telemetry.series.LabelLimits;
import ai.llmd.epp.adapter.telemetry.trace.SpanMeters;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Everything that counts, over one registry. */
final class Meters implements AutoCloseable {

  /** Begins of the names that version 0.11 of the reference has no more. */
  private static final List<String> LEGACY =
      List.of(
          "inference_extension_",
          "inference_objective_",
          "inference_pool_",
          "llm_d_inference_scheduler_",
          "kvcache_");

  final PrometheusRegistry registry;
  private final Predicate<String> shown;
  private final LongSupplier nanoClock;
  final LabelLimits limits = new LabelLimits();
  final ProgramMeters program;
  final PluginFaultMeters faults;
  final ThreadMeters threads;
  final RoutingMeters routing;
  final EppMeters exchanges;
  final ScrapeObserver scraping;
  final PrefixMeters prefixes;
  final ConfigurationMeters configuration;
  final ObjectFileMeters objectFiles;
  final InFlightMeters inFlight;
  final EncoderCacheMeters encoderCaches;
  final SpanMeters spans;
  final RolloutMeters rollouts;
  final LatencyMeters latencies;
  private final RuntimeMeters runtime;
  private final DisaggregationMeters disaggregation;

  /**
   * @param registry without any registration yet
   * @param countsStreams {@code --enable-grpc-stream-metrics}
   * @param showsLegacyNames {@code --legacy-metrics}
   */
  Meters(
      PrometheusRegistry registry,
      boolean countsStreams,
      boolean showsLegacyNames,
      LongSupplier nanoClock) {
    this.registry = registry;
    this.shown = name -> showsLegacyNames || LEGACY.stream().noneMatch(name::startsWith);
    this.nanoClock = nanoClock;
    program = new ProgramMeters(registry);
    runtime = new RuntimeMeters(registry);
    PluginDurations plugins = new PluginDurations(registry);
    faults = new PluginFaultMeters(registry, nanoClock);
    threads = new ThreadMeters(registry, nanoClock);
    routing = new RoutingMeters(registry, limits, plugins, nanoClock);
    exchanges =
        new EppMeters(
            registry,
            limits,
            plugins,
            countsStreams ? StreamMeters.in(registry) : StreamMeters.off());
    disaggregation = new DisaggregationMeters(registry, limits);
    scraping = scrapeObserver(new DataLayerMeters(registry));
    inFlight = new InFlightMeters(registry, limits);
    encoderCaches = new EncoderCacheMeters(registry);
    spans = new SpanMeters(registry);
    rollouts = new RolloutMeters(registry);
    latencies = new LatencyMeters(registry, limits);
    prefixes = new PrefixMeters(registry);
    configuration = new ConfigurationMeters(registry);
    objectFiles = new ObjectFileMeters(registry);
  }

  /** The same handler, with its decisions counted if it divides requests over stages. */
  Named<ProfileHandler> counted(Named<ProfileHandler> handler) {
    return disaggregation.counted(handler);
  }

  /**
   * Another configuration is in force.
   *
   * @param kept names of plugins that are the same
   * @param built names of those that are new
   */
  void changed(List<String> kept, List<String> built) {
    List<String> inForce = Stream.concat(kept.stream(), built.stream()).toList();
    rollouts.changed(kept, built);
    latencies.changed(inForce);
  }

  private static ScrapeObserver scrapeObserver(DataLayerMeters meters) {
    return new ScrapeObserver() {
      @Override
      public void pollError(String sourceType) {
        meters.pollError(sourceType);
      }

      @Override
      public void extractError(String sourceType, String extractorType) {
        meters.extractError(sourceType, extractorType);
      }
    };
  }

  /** Writes everything that has been counted, for people and programs to read. */
  void write(Writer out, boolean isOpenMetrics) throws IOException {
    limits.age(nanoClock.getAsLong());
    PrometheusText.write(registry.scrape(shown), out, isOpenMetrics);
  }

  @Override
  public void close() {
    runtime.close();
  }
}
