package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.admin.AdminPages;
import ai.llmd.epp.adapter.admin.server.AdminServer;
import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.health.HealthServer;
import ai.llmd.epp.adapter.extproc.server.ExtProcServer;
import ai.llmd.epp.adapter.extproc.server.NetworkLimits;
import ai.llmd.epp.adapter.files.objects.ObjectFiles;
import ai.llmd.epp.adapter.telemetry.meter.EndpointHealthMeters;
import ai.llmd.epp.adapter.telemetry.meter.KubernetesMeters;
import ai.llmd.epp.adapter.telemetry.meter.PoolMeters;
import ai.llmd.epp.adapter.telemetry.meter.ProgramFairnessMeters;
import ai.llmd.epp.adapter.telemetry.meter.ProgramMeters.Certificate;
import ai.llmd.epp.adapter.telemetry.trace.Tracing;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.degradation.DegradationLadder;
import ai.llmd.epp.application.flow.FlowController;
import ai.llmd.epp.application.health.PoolHealth;
import ai.llmd.epp.application.metrics.KubernetesNotificationSource;
import ai.llmd.epp.application.port.in.ShareQueues;
import ai.llmd.epp.application.port.out.AccessReview;
import ai.llmd.epp.application.port.out.DegradationObserver.Degradation;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.port.out.EndpointDiscovery.DiscoveryException;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.application.stored.AnswerHolders;
import ai.llmd.epp.application.waiting.WaitingLimits;
import ai.llmd.epp.bootstrap.plugins.LearnedStates;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.configuration.reload.Draft;
import ai.llmd.epp.configuration.reload.LiveConfiguration;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.flow.fairness.ProgramAwareFairness;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import ai.llmd.epp.domain.scheduling.handler.DisaggregatingHandler;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import ai.llmd.epp.tls.CertificateStatus;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
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

  /** Time to answer the requests that are still queued at the end. */
  private static final Duration ANSWERING = Duration.ofSeconds(1);

  private final Options options;
  private final Lifecycle lifecycle = new Lifecycle();
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final SharedParts shared;
  private final DecisionRing decisions;
  private final WaitingLimits waiting;
  private final ConfigurationHistory history = new ConfigurationHistory();
  private AdminServer admin;
  private volatile ExtProcServer extProc; // the live page's, too
  private volatile @Nullable LiveConfiguration<?> configured; // null before the start
  private HealthServer health;
  private EndpointDiscovery discovery;
  private @Nullable FlowController flow; // null where its feature gate is off

  /**
   * Starts everything and returns when requests are served.
   *
   * @throws InvalidDocumentException with everything that is wrong in the configuration
   * @throws StartException when the endpoints cannot be had
   * @throws IOException when a file cannot be read or a port cannot be bound
   */
  public static EndpointPicker start(Options options)
      throws InvalidDocumentException, StartException, IOException {
    ExtProcServer.Preparation server = ExtProcServer.prepare(ServerSettings.of(options));
    return new EndpointPicker(options, SharedParts.build(options), server);
  }

  @SuppressWarnings("NullAway.Init") // start() sets every server or throws
  private EndpointPicker(Options options, SharedParts shared, ExtProcServer.Preparation server)
      throws InvalidDocumentException, StartException, IOException {
    this.options = options;
    this.shared = shared;
    this.decisions =
        new DecisionRing(options.limits().decisionsKept(), Options.Limits.MAX_DECISION_BYTES);
    this.waiting =
        WaitingLimits.of(options.limits().waitingRequests(), options.limits().waitingTime());
    started.push(shared);
    try {
      start(server);
    } catch (InvalidDocumentException | StartException | IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void start(ExtProcServer.Preparation server)
      throws InvalidDocumentException, StartException, IOException {
    YamlSource source = ServerSettings.configuration(options);
    WarmUp warmUp = opened(WarmUp.begin(options, server));
    Draft first = shared.drafts().first(source);
    EffectiveConfiguration configuration = first.configuration();
    configuration.warnings().forEach(warning -> log.atWarn().log(warning));
    configuration.notices().forEach(notice -> log.atInfo().log(notice));
    warnIfBoundsExceedHeap(configuration);
    warnIfMessagesExceedNetworkMemory();
    Meters meters = shared.meters();
    BuildInfo build = BuildInfo.read();
    meters.program.build(build.commit(), build.version());
    opened(CollectionWatch.begin(meters.threads));
    shared.recorder().start();
    meters.program.droppedPrefixRecords(shared.recorder()::dropped);

    Options.Pool named = options.pool().named(EndpointSource.poolName(options, configuration));
    KeptObjects objects = new KeptObjects(meters.limits);
    EndpointLoad unsampled =
        configuration.featureGates().unreportedLoadsAreZero()
            ? EndpointLoad.UNSAMPLED_AS_ZERO
            : EndpointLoad.UNSAMPLED;
    LivePool pool = new LivePool(named.name(), List.of(), meters.faults, unsampled);
    meters.registry.register(
        new PoolMeters(
            pool::current, options.metrics().stalenessThreshold().toNanos(), shared.nanoClock()));
    PoolHealth endpointHealth =
        new PoolHealth(
            shared.nanoClock(),
            endpoint -> forgetPrefixes(first, endpoint),
            shared.publisher()::changed,
            first.state()::peerRequests);
    flow = FlowControl.start(options, configuration, shared, pool);
    if (flow != null) {
      opened(flow);
      objects.provision(flow::provision);
      flow.shareWith(shared.publisher()::changed);
    }
    Replication replication =
        opened(
            Replication.of(
                shared, first, endpointHealth, flow == null ? ShareQueues.NONE : flow, named));
    meters.registry.register(
        new EndpointHealthMeters(pool.current().name(), endpointHealth::count));
    Wiring wiring =
        new Wiring(
            options,
            shared,
            tracer(build),
            pool,
            endpointHealth,
            new AnswerHolders(first.state(), shared.nanoClock()),
            replication,
            objects,
            decisions,
            waiting,
            flow);
    LiveConfiguration<ExtProcParts> live =
        opened(
            new LiveConfiguration<>(
                shared.drafts(),
                first,
                ScrapedParts.start(wiring, configuration),
                pool,
                meters.prefixes));
    configured = live;
    if (flow != null) {
      new ProgramFairnessMeters(meters.registry, () -> fairnessOf(live.inForce()));
    }
    ObjectFiles files = opened(objects.load(options, shared));
    discovery =
        opened(
                EndpointSource.of(
                    options, configuration, shared.nanoClock(), shared.meters().threads))
            .discovery();
    discovery.watch(
        () -> KubernetesNotificationSource.watches(live.inForce().dataLayer().sources()));
    lifecycle.dependOn(discovery, protocol -> live.inForce().supports(protocol));
    meters.registry.register(new KubernetesMeters(discovery::watches, this::leaderships));
    meters.program.state(configuration.stateStore().type(), first.state());

    DegradationLadder ladder = wiring.ladder(live::inForce, discovery);

    AccessReview access = accessReview();
    admin =
        opened(
            AdminServer.start(
                ServerSettings.admin(options.metrics(), access),
                AdminPages.of(
                    meters::write,
                    decisions,
                    lifecycle::notReadyBecause,
                    () -> detail(replication, ladder.current()),
                    new PickerView(
                        wiring,
                        first.state(),
                        live::inForce,
                        history,
                        lifecycle::notReadyBecause,
                        System.currentTimeMillis(),
                        build,
                        this::bufferedBytes),
                    configuration.dataLayer().discovery().isPresent()
                        ? null // as in the reference, only in Kubernetes
                        : new LearnedStates(() -> plugins(live), pool::current, first.state()),
                    ServerSettings.showsDiagnostics(options.metrics(), access))));
    findEndpoints(pool, objects);
    replication.start(discovery::isPoolKnown);
    opened(LadderWatch.begin(ladder, meters.threads));
    warmUp.await();
    extProc = opened(server.start(live));
    meters.program.buffered(extProc::bufferedBytes);
    meters.program.network(extProc::networkBytes);
    meters.program.givenUp(extProc::givenUp);
    meters.program.certificates(certificates());
    meters.program.waiting(waiting.requests()::count);
    meters.program.breakers(waiting.breakers());
    health = opened(HealthServer.start(options.server().healthPort(), lifecycle));
    meters.configuration.started(System.currentTimeMillis());
    lifecycle.serving();
    log.atInfo()
        .addKeyValue("version", build.version())
        .addKeyValue("commit", build.commit())
        .addKeyValue("pool", pool.current().name())
        .addKeyValue("endpoints", pool.current().size())
        .addKeyValue("grpcPort", extProc.port())
        .addKeyValue("healthPort", health.port())
        .addKeyValue("metricsPort", admin.port())
        .addKeyValue("tls", options.tls().isEnabled())
        .log("serving");
    followFiles(source, live, files);
  }

  private static String detail(Replication replication, Degradation given) {
    String state = replication.detail();
    String degraded = given.steps().isEmpty() ? "" : "degraded: " + given.labels();
    return state.isEmpty() || degraded.isEmpty() ? state + degraded : state + "\n" + degraded;
  }

  private static List<Named<Plugin>> plugins(LiveConfiguration<?> live) {
    return live.inForce().built().stream().map(built -> built.as(Plugin.class)).toList();
  }

  /** The admin port is open before the one that brings bodies. */
  private long bufferedBytes() {
    @Nullable ExtProcServer server = extProc;
    return server == null ? 0 : server.bufferedBytes();
  }

  private RequestTracer tracer(BuildInfo build) {
    Options.Tracing tracing = options.tracing();
    return tracing.isOn()
        ? opened(
            Tracing.start(
                tracing.environment(),
                shared.meters().spans,
                build.version(),
                build.commit(),
                shared.nanoClock(),
                this::stages))
        : RequestTracer.OFF;
  }

  /** Of the profile handler in force. */
  private StageProfiles stages() {
    LiveConfiguration<?> live = configured;
    return live != null
            && live.inForce().scheduling().profileHandler().plugin()
                instanceof DisaggregatingHandler handler
        ? handler.stages()
        : StageProfiles.DEFAULT;
  }

  private static List<ProgramAwareFairness> fairnessOf(EffectiveConfiguration configuration) {
    return BuiltPlugin.ofKind(ProgramAwareFairness.class, configuration.built());
  }

  /** A server that was away has an empty cache. */
  private void forgetPrefixes(Draft draft, EndpointState endpoint) {
    for (PrefixCacheIndex index : draft.state().prefixIndexes().values()) {
      shared.recorder().forget(index, endpoint.slot(), () -> {});
    }
  }

  private void followFiles(YamlSource source, LiveConfiguration<?> live, ObjectFiles files) {
    Options.Configuration where = options.configuration();
    if (!where.followsFile()) {
      return;
    }
    files.follow();
    if (!where.file().isEmpty()) {
      opened(ConfigurationReload.of(where.file(), source, shared, live, history));
    }
  }

  /** Bounds that the heap cannot honour would end in an OutOfMemoryError under load, not before. */
  private void warnIfBoundsExceedHeap(EffectiveConfiguration configuration) {
    long bounds =
        options.limits().bufferedBytes()
            + configuration.stateBudget().prefixIndexBytes()
            + Options.Limits.MAX_DECISION_BYTES;
    long heap = Runtime.getRuntime().maxMemory();
    if (bounds > heap) {
      log.atWarn()
          .addKeyValue("boundsBytes", bounds)
          .addKeyValue("heapBytes", heap)
          .log("--max-buffered-bytes and the prefix index may need more memory than the heap has");
    }
  }

  /** A message of that size would be refused each time. */
  private void warnIfMessagesExceedNetworkMemory() {
    long most = NetworkLimits.within(NetworkMemory.bytes()).largestMessage();
    if (options.server().maxReceivedBytes() > most) {
      log.atWarn()
          .addKeyValue("largestMessageBytes", most)
          .log("--grpc-max-recv-msg-size is more than the network's memory has room for");
    }
  }

  private List<Certificate> certificates() {
    List<Certificate> certificates = new ArrayList<>();
    addTo(certificates, "extproc", extProc.certificate());
    addTo(certificates, "admin", admin.certificate());
    return certificates;
  }

  private static void addTo(
      List<Certificate> certificates, String server, @Nullable CertificateStatus status) {
    if (status != null) {
      certificates.add(
          new Certificate(
              server, status.file().toString(), status.endsAtSeconds(), status.refusals()));
    }
  }

  private List<KubernetesMeters.Leadership> leaderships() {
    return discovery.electsLeader()
        ? List.of(new KubernetesMeters.Leadership(discovery.lease(), discovery.isLeader()))
        : List.of();
  }

  /** Judges who may read the metrics; null where all may. */
  private @Nullable AccessReview accessReview() {
    return options.metrics().access().asksKubernetes()
        ? discovery.accessReview().orElse(null)
        : null;
  }

  private void findEndpoints(LivePool pool, KeptObjects objects) throws StartException {
    try {
      discovery.start(new EndpointDiscovery.Keepers(pool, objects, objects));
    } catch (DiscoveryException e) {
      throw new StartException("endpoints: " + e.getMessage());
    }
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

  /** Completed when another leads in this replica's place: it is to drain and to end. */
  public CompletableFuture<Void> lostLease() {
    return discovery.lostLease();
  }

  /**
   * Turns not ready, lets another replica lead, takes new streams until gateways have noticed, and
   * then lets open ones last for the drain timeout.
   */
  public void drain() {
    lifecycle.draining();
    discovery.release();
    Duration timeout = options.server().drainTimeout();
    Duration noticed = Options.Server.STOP_NOTICED;
    try {
      Thread.sleep(timeout.compareTo(noticed) < 0 ? timeout : noticed);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return; // close() ends the rest
    }
    answerQueuedBefore(timeout);
    extProc.stop(timeout);
  }

  /** What has not had its turn shortly before the end gets an answer instead of a reset. */
  private void answerQueuedBefore(Duration end) {
    FlowController queues = flow;
    if (queues == null) {
      return;
    }
    Thread.ofVirtual()
        .name("flow-end")
        .start(
            () -> {
              try {
                Thread.sleep(end.compareTo(ANSWERING) < 0 ? Duration.ZERO : end.minus(ANSWERING));
                queues.close();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
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
