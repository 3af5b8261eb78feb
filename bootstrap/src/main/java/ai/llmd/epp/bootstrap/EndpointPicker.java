package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.ExtProcServer;
import ai.llmd.epp.adapter.extproc.HealthServer;
import ai.llmd.epp.adapter.extproc.RequestIds;
import ai.llmd.epp.adapter.extproc.body.ParserRegistry;
import ai.llmd.epp.adapter.extproc.body.ResponseModelMapper;
import ai.llmd.epp.adapter.metrics.expose.MeteredRouting;
import ai.llmd.epp.adapter.metrics.expose.PoolMeters;
import ai.llmd.epp.adapter.metrics.scrape.MetricsDataSource;
import ai.llmd.epp.adapter.metrics.scrape.MetricsExtractor;
import ai.llmd.epp.adapter.metrics.scrape.MetricsScraper;
import ai.llmd.epp.adapter.metrics.scrape.ScrapeSettings;
import ai.llmd.epp.adapter.metrics.scrape.ScrapedSource;
import ai.llmd.epp.adapter.state.memory.MemoryStateStore;
import ai.llmd.epp.application.Admission;
import ai.llmd.epp.application.CandidateLocator;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.application.IdentifierChain;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.PreRequestChain;
import ai.llmd.epp.application.ProducerChain;
import ai.llmd.epp.application.RecordedRouting;
import ai.llmd.epp.application.ResponseFollower;
import ai.llmd.epp.application.RoutingService;
import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.port.out.EndpointDiscovery.DiscoveryException;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.bootstrap.admin.AdminServer;
import ai.llmd.epp.bootstrap.cli.Options;
import ai.llmd.epp.bootstrap.config.ConfigurationException;
import ai.llmd.epp.bootstrap.config.EffectiveConfiguration;
import ai.llmd.epp.domain.scheduling.Scheduler;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running program: its parts, built bottom up, started in order, stopped in reverse.
 *
 * <p>The admin port answers first; the ext-proc and health ports are bound once the endpoints are
 * known, so that a connection that is refused means "not ready".
 */
public final class EndpointPicker implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(EndpointPicker.class);

  private static final long MOST_DECISION_BYTES = 32L << 20;

  private final Options options;
  private final Lifecycle lifecycle = new Lifecycle();
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final Foundation foundation;
  private final DecisionRing decisions;
  private AdminServer admin;
  private ExtProcServer extProc;
  private HealthServer health;

  /** Reads and builds what the options name, and lets go of it again. */
  static void validate(Options options) throws ConfigurationException, StartException, IOException {
    try (Foundation foundation = Foundation.lay(options)) {
      discovery(foundation.configuration());
    }
  }

  /**
   * Starts everything and returns when requests are served.
   *
   * @throws ConfigurationException with everything that is wrong in the configuration
   * @throws StartException when the endpoints cannot be had
   * @throws IOException when a file cannot be read or a port cannot be bound
   */
  public static EndpointPicker start(Options options)
      throws ConfigurationException, StartException, IOException {
    ExtProcServer.Preparation server = ExtProcServer.prepare(ServerSettings.of(options));
    return new EndpointPicker(options, Foundation.lay(options), server);
  }

  @SuppressWarnings("NullAway.Init") // start() sets every server or throws
  private EndpointPicker(Options options, Foundation foundation, ExtProcServer.Preparation server)
      throws StartException, IOException {
    this.options = options;
    this.foundation = foundation;
    this.decisions = new DecisionRing(options.limits().decisionsKept(), MOST_DECISION_BYTES);
    started.push(foundation);
    try {
      start(server);
    } catch (StartException | IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void start(ExtProcServer.Preparation server) throws StartException, IOException {
    EffectiveConfiguration configuration = foundation.configuration();
    configuration.warnings().forEach(warning -> log.atWarn().log(warning));
    warnIfBoundsExceedHeap();
    EndpointDiscovery discovery = discovery(configuration);
    Meters meters = foundation.meters();
    BuildInfo build = BuildInfo.read();
    meters.program.build(build.commit(), build.version());
    meters.program.state(opened(new MemoryStateStore(foundation.state())));
    foundation.recorder().start();

    MetricsScraper scraper = opened(scraper(configuration));
    LivePool pool =
        new LivePool(options.pool().name(), observers(configuration, scraper), meters.faults);
    meters.registry.register(
        new PoolMeters(
            pool::current,
            options.metrics().stalenessThreshold().toNanos(),
            foundation.nanoClock()));
    RouteRequest router = router(pool, scraper);

    admin =
        opened(
            AdminServer.start(
                options.metrics().port(),
                AdminPages.of(
                    meters.registry, decisions, lifecycle, options.metrics().hasDiagnostics())));
    opened(discovery);
    try {
      discovery.start(pool);
    } catch (DiscoveryException e) {
      throw new StartException("endpoints: " + e.getMessage());
    }
    extProc = opened(server.start(parts(router)));
    meters.program.buffered(extProc::bufferedBytes);
    health = opened(HealthServer.start(options.server().healthPort(), lifecycle));
    lifecycle.serving();
    log.atInfo()
        .addKeyValue("version", build.version())
        .addKeyValue("commit", build.commit())
        .addKeyValue("pool", options.pool().name())
        .addKeyValue("endpoints", pool.current().size())
        .addKeyValue("grpcPort", extProc.port())
        .addKeyValue("healthPort", health.port())
        .addKeyValue("metricsPort", admin.port())
        .addKeyValue("tls", options.tls().isEnabled())
        .log("serving");
  }

  /** Bounds that the heap cannot honour would end in an OutOfMemoryError under load, not before. */
  private void warnIfBoundsExceedHeap() {
    long bounds =
        options.limits().bufferedBytes()
            + foundation.configuration().stateBudget().prefixIndexBytes()
            + MOST_DECISION_BYTES;
    long heap = Runtime.getRuntime().maxMemory();
    if (bounds > heap) {
      log.atWarn()
          .addKeyValue("boundsBytes", bounds)
          .addKeyValue("heapBytes", heap)
          .log("--max-buffered-bytes and the prefix index may need more memory than the heap has");
    }
  }

  private static EndpointDiscovery discovery(EffectiveConfiguration configuration)
      throws StartException {
    return configuration
        .discovery()
        .orElseThrow(
            () ->
                new StartException(
                    "dataLayer.discovery is missing: endpoints from Kubernetes are not available in"
                        + " this version, configure a file-discovery plugin"))
        .plugin();
  }

  private MetricsScraper scraper(EffectiveConfiguration configuration) {
    List<ScrapedSource> sources = new ArrayList<>();
    for (EffectiveConfiguration.SourceBinding binding : configuration.sources()) {
      sources.add(
          new ScrapedSource(
              (MetricsDataSource) binding.source().plugin(),
              binding.extractors().stream()
                  .map(extractor -> (MetricsExtractor) extractor.plugin())
                  .toList()));
    }
    return new MetricsScraper(
        ScrapeSettings.DEFAULTS.withTick(
            ScrapeSettings.tickFor(options.metrics().scrapeInterval(), sources)),
        sources,
        foundation.meters().scraping,
        foundation.nanoClock());
  }

  private List<PoolObserver> observers(
      EffectiveConfiguration configuration, MetricsScraper scraper) {
    List<PoolObserver> observers = new ArrayList<>();
    observers.add(scraper);
    observers.add(foundation.meters().routing);
    configuration
        .plugins()
        .forEach(
            named -> {
              if (named.plugin() instanceof PoolObserver observer) {
                observers.add(observer);
              }
            });
    // behind the plugins that count for them, which might otherwise bring a removed series back
    observers.add(foundation.meters().inFlight);
    observers.add(foundation.meters().encoderCaches);
    return observers;
  }

  /** The use case, and around it those who watch. */
  private RouteRequest router(LivePool pool, MetricsScraper scraper) {
    EffectiveConfiguration configuration = foundation.configuration();
    Meters meters = foundation.meters();
    RouteRequest service =
        new RoutingService(
            pool,
            new IdentifierChain(configuration.identifiers(), meters.faults, foundation.nanoClock()),
            new CandidateLocator(!options.server().ignoresSubsetHint()),
            new Admission(configuration.saturationDetector().plugin()),
            new ProducerChain(configuration.producers(), meters.faults, foundation.nanoClock()),
            new Scheduler(
                configuration.profiles(),
                meters.metered(configuration.profileHandler()),
                foundation.nanoClock()),
            new PreRequestChain(configuration.preRequests(), meters.faults, foundation.nanoClock()),
            meters.faults,
            foundation.random(),
            foundation.nanoClock());
    RouteRequest recorded =
        new RecordedRouting(service, decisions, System::currentTimeMillis, foundation.nanoClock());
    return new NoticedRouting(new MeteredRouting(recorded, meters.routing), scraper::requestSeen);
  }

  private ExtProcParts parts(RouteRequest router) {
    ParserRegistry parsers = ParserRegistry.of(foundation.configuration().parsers());
    return new ExtProcParts(
        router,
        new ResponseFollower(),
        foundation.meters().exchanges,
        parsers::find,
        (served, asked) -> new ResponseModelMapper(served, asked)::map,
        new RequestIds(ThreadLocalRandom::current),
        foundation.nanoClock(),
        ServerSettings.limits(options.limits()),
        options.server().emitsScores(),
        options.server().ignoresSubsetHint());
  }

  /** The ext-proc port that is served. */
  public int grpcPort() {
    return extProc.port();
  }

  public int healthPort() {
    return health.port();
  }

  public int metricsPort() {
    return admin.port();
  }

  /** Turns not ready, takes no new stream and waits for open ones within the drain timeout. */
  public void drain() {
    lifecycle.draining();
    extProc.stop(options.server().drainTimeout());
  }

  @Override
  public void close() {
    lifecycle.draining();
    while (!started.isEmpty()) {
      AutoCloseable part = started.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.atWarn()
            .setCause(e)
            .addKeyValue("part", part.getClass().getSimpleName())
            .log("not closed");
      }
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    started.push(part);
    return part;
  }
}
