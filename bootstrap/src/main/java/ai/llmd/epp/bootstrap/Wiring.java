package ai.llmd.epp.bootstrap;

import ai.llmd.epp.adapter.extproc.ExtProcParts;
import ai.llmd.epp.adapter.extproc.RequestIds;
import ai.llmd.epp.adapter.extproc.body.ParserRegistry;
import ai.llmd.epp.adapter.extproc.body.ResponseModelMapper;
import ai.llmd.epp.adapter.telemetry.meter.DegradationMeters;
import ai.llmd.epp.application.Admission;
import ai.llmd.epp.application.CandidateGates;
import ai.llmd.epp.application.CandidateLocator;
import ai.llmd.epp.application.ConditionalDecode;
import ai.llmd.epp.application.DecisionRecorder;
import ai.llmd.epp.application.DecisionRing;
import ai.llmd.epp.application.IdentifierChain;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.PreRequestChain;
import ai.llmd.epp.application.ProducerChain;
import ai.llmd.epp.application.ResponseFollower;
import ai.llmd.epp.application.RoutingService;
import ai.llmd.epp.application.RoutingStages;
import ai.llmd.epp.application.SaturationAdmission;
import ai.llmd.epp.application.Tenants;
import ai.llmd.epp.application.degradation.Causes;
import ai.llmd.epp.application.degradation.DegradationLadder;
import ai.llmd.epp.application.degradation.GivesUp;
import ai.llmd.epp.application.flow.FlowAdmission;
import ai.llmd.epp.application.flow.FlowController;
import ai.llmd.epp.application.flow.FlowRules;
import ai.llmd.epp.application.flow.FlowTracking;
import ai.llmd.epp.application.health.CandidateHealth;
import ai.llmd.epp.application.health.PoolHealth;
import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.application.port.out.DegradationObserver;
import ai.llmd.epp.application.port.out.EndpointDiscovery;
import ai.llmd.epp.application.port.out.HashSecret;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.application.port.out.RoutingObserver;
import ai.llmd.epp.application.stored.AnswerHolders;
import ai.llmd.epp.application.waiting.PluginWaits;
import ai.llmd.epp.application.waiting.WaitingLimits;
import ai.llmd.epp.cli.Options;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.EffectiveConfiguration.Scheduling;
import ai.llmd.epp.configuration.EffectiveConfiguration.Stages;
import ai.llmd.epp.configuration.plugin.BuiltPlugin;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.health.EndpointHealth;
import ai.llmd.epp.domain.pool.Freshness;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.scheduling.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts together what serves the requests of one configuration, at the start and ever after. */
record Wiring(
    Options options,
    SharedParts shared,
    RequestTracer tracer,
    LivePool pool,
    PoolHealth health,
    AnswerHolders holders,
    Replication replication,
    KeptObjects objects,
    DecisionRing decisions,
    WaitingLimits waiting,
    @Nullable FlowController flow) {

  /**
   * The parts for every stream of a configuration.
   *
   * @param requestSeen called at every request; cheap
   */
  ExtProcParts parts(EffectiveConfiguration configuration, Runnable requestSeen) {
    ParserRegistry parsers = ParserRegistry.of(configuration.parsers());
    return new ExtProcParts(
        router(configuration, requestSeen),
        new ResponseFollower(),
        shared.meters().exchanges,
        tracer,
        parsers::find,
        (served, asked) -> new ResponseModelMapper(served, asked)::map,
        new RequestIds(ThreadLocalRandom::current),
        shared.nanoClock(),
        ServerSettings.limits(options.limits()),
        options.server().emitsScores(),
        options.server().ignoresSubsetHint(),
        configuration.stages().propagatesPriority());
  }

  /**
   * Who learns of changes of the pool, in this order.
   *
   * @param scrapers of the endpoints
   * @param plugins of a configuration
   */
  List<PoolObserver> observers(List<PoolObserver> scrapers, List<PoolObserver> plugins) {
    Meters meters = shared.meters();
    List<PoolObserver> all = new ArrayList<>();
    all.add(health);
    all.addAll(scrapers);
    all.add(meters.routing);
    all.addAll(plugins);
    all.addAll(replication.observers()); // plugins count before peers' work arrives
    // behind the plugins that count for them, which might otherwise bring a removed series back
    all.add(meters.inFlight);
    all.add(meters.encoderCaches);
    return all;
  }

  /** The use case, with those that observe it. */
  private RouteRequest router(EffectiveConfiguration configuration, Runnable requestSeen) {
    Meters meters = shared.meters();
    LongSupplier clock = shared.nanoClock();
    PluginCalls calls = new PluginCalls(meters.faults, clock);
    PluginWaits waits =
        new PluginWaits(
            calls, waiting.plugins(), configuration.stages().waiting(), waiting.breakers(), clock);
    return new RoutingService(
        stages(configuration, waits),
        waits,
        waiting,
        List.of(
            new DecisionRecorder(decisions, System::currentTimeMillis, clock),
            meters.routing,
            new ArrivalObserver(requestSeen)),
        shared.random(),
        clock);
  }

  private RoutingStages stages(EffectiveConfiguration configuration, PluginWaits waits) {
    PluginCalls calls = waits.calls();
    Stages configured = configuration.stages();
    Scheduling scheduling = configuration.scheduling();
    return new RoutingStages(
        objects.resolver(shared.random()),
        new IdentifierChain(configured.identifiers(), calls),
        tenants(configuration),
        new ProducerChain<>("RequestDataProducer", configured.requestProducers(), calls, waits),
        admission(configuration),
        new CandidateLocator(pool, !options.server().ignoresSubsetHint(), freshness(configuration)),
        new CandidateGates(configured.screeners(), configured.admitters(), calls),
        new ProducerChain<>("DataProducer", configured.producers(), calls, waits),
        configured.avoidsFailingEndpoints() ? health : CandidateHealth.NONE,
        holders,
        new Scheduler(
            scheduling.profiles(), shared.meters().counted(scheduling.profileHandler()), calls),
        new ConditionalDecode(configured.refusesUncached()),
        new PreRequestChain(preRequests(configured), calls));
  }

  /**
   * Judges what decisions by the configuration in force have to do without, and shows it.
   *
   * @param discovery where the endpoints come from
   */
  DegradationLadder ladder(Supplier<EffectiveConfiguration> inForce, EndpointDiscovery discovery) {
    List<DegradationObserver> observers = new ArrayList<>();
    observers.add(new DegradationMeters(shared.meters().registry, pool.current().name()));
    discovery.events().ifPresent(observers::add);
    return new DegradationLadder(causes(inForce, discovery)::now, observers);
  }

  private Causes causes(Supplier<EffectiveConfiguration> inForce, EndpointDiscovery discovery) {
    return new Causes(
        () -> pool.current().candidates(freshness(inForce.get()), shared.nanoClock().getAsLong()),
        candidate ->
            inForce.get().stages().avoidsFailingEndpoints()
                ? health.state(candidate)
                : EndpointHealth.State.HEALTHY,
        waiting.breakers()::status,
        replication::isStoreAway,
        () -> BuiltPlugin.ofKind(GivesUp.class, inForce.get().built()),
        () -> discovery.isPoolKnown() ? discovery.watches() : List.of());
  }

  /** How old a value may be that decisions by a configuration use. */
  Freshness freshness(EffectiveConfiguration configuration) {
    Options.Metrics metrics = options.metrics();
    return configuration.featureGates().unreportedLoadsAreZero()
        ? Freshness.ANY_AGE
        : Freshness.within(
            Scraping.of(configuration, metrics.scrapeInterval())
                .staleAfter(metrics.stalenessThreshold()),
            shared.pauses());
  }

  /** A new configuration's rules count from here on, for requests of earlier ones as well. */
  private Named<Admission> admission(EffectiveConfiguration configuration) {
    FlowRules rules = FlowControl.rules(options, configuration);
    if (flow == null || rules == null) {
      return SaturationAdmission.of(configuration.stages().saturationDetector());
    }
    flow.use(rules);
    return FlowAdmission.of(flow);
  }

  private List<Named<PreRequest>> preRequests(Stages configured) {
    if (flow == null) {
      return configured.preRequests();
    }
    List<Named<PreRequest>> all = new ArrayList<>(configured.preRequests());
    all.add(FlowTracking.of(flow));
    return all;
  }

  private static Tenants tenants(EffectiveConfiguration configuration) {
    HashSecret secret = configuration.stateStore().replication().hashSecret();
    return new Tenants(configuration.stages().separation(), secret == null ? 0 : secret.seed());
  }

  /**
   * Notices that requests come: scraping slows down while none does.
   *
   * @param requestSeen cheap; any thread
   */
  private record ArrivalObserver(Runnable requestSeen) implements RoutingObserver {

    @Override
    public void arrived() {
      requestSeen.run();
    }

    @Override
    public void decided(RoutingDecision decision) {}
  }
}
