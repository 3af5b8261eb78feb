package ai.llmd.epp.acceptance.latency;

import ai.llmd.epp.application.CandidateGates;
import ai.llmd.epp.application.CandidateLocator;
import ai.llmd.epp.application.ConditionalDecode;
import ai.llmd.epp.application.IdentifierChain;
import ai.llmd.epp.application.LiveObjectives;
import ai.llmd.epp.application.LivePool;
import ai.llmd.epp.application.LiveRewrites;
import ai.llmd.epp.application.NameResolver;
import ai.llmd.epp.application.PreRequestChain;
import ai.llmd.epp.application.ProducerChain;
import ai.llmd.epp.application.RoutingService;
import ai.llmd.epp.application.RoutingStages;
import ai.llmd.epp.application.SaturationAdmission;
import ai.llmd.epp.application.Tenants;
import ai.llmd.epp.application.health.CandidateHealth;
import ai.llmd.epp.application.latency.LatencyObserver;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.port.out.PoolObserver;
import ai.llmd.epp.application.producer.PrefixRecorder;
import ai.llmd.epp.application.stored.AnswerHolders;
import ai.llmd.epp.application.waiting.Breakers;
import ai.llmd.epp.application.waiting.PluginWaits;
import ai.llmd.epp.application.waiting.WaitingCount;
import ai.llmd.epp.application.waiting.WaitingLimits;
import ai.llmd.epp.configuration.EffectiveConfiguration;
import ai.llmd.epp.configuration.EffectiveConfiguration.Stages;
import ai.llmd.epp.configuration.Loading;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.Freshness;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.FakeResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.state.SharedState;
import ai.llmd.epp.simulator.engine.BatchCosts;
import ai.llmd.epp.simulator.engine.Capacity;
import ai.llmd.epp.simulator.engine.Engine;
import ai.llmd.epp.simulator.engine.EngineObserver;
import ai.llmd.epp.simulator.engine.FinishReason;
import ai.llmd.epp.simulator.engine.GenerationListener;
import ai.llmd.epp.simulator.engine.Job;
import ai.llmd.epp.simulator.engine.Latencies;
import ai.llmd.epp.simulator.engine.LatencyModel;
import ai.llmd.epp.simulator.engine.Sequence;
import ai.llmd.epp.simulator.engine.SimulatedTime;
import ai.llmd.epp.simulator.engine.Submission;
import ai.llmd.epp.yaml.InvalidDocumentException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * A picker with all stages of a configuration before engines of the simulator, which batch as vLLM
 * does. Loads are read every 50 ms. One thread, one clock that is virtual: the same seed gives the
 * same run.
 */
final class SimulatedPool implements AutoCloseable {

  private static final long SCRAPE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int SEQUENCES = 256; // of an engine at once
  private static final int BLOCK = 16;
  private static final int CACHE_BLOCKS = 31_250;
  private static final String OBJECTIVE = "sheddable";

  private static final EngineObserver UNOBSERVED =
      new EngineObserver() {
        @Override
        public void started(Sequence sequence) {}

        @Override
        public void token(Sequence sequence, long sincePreviousNanos) {}

        @Override
        public void ended(Sequence sequence, FinishReason reason) {}
      };

  private final SimulatedTime time = new SimulatedTime();
  private final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);
  private final PrefixRecorder recorder =
      new PrefixRecorder(PrefixRecorder.DEFAULT_WAITING_BLOCKS, failure -> {});
  private final List<Engine> engines = new ArrayList<>();
  private final List<LatencyObserver.Outcome> outcomes = new ArrayList<>();
  private final RoutingService service;

  /**
   * @param slownesses of the engines, and with it how many there are: 1 for one that computes
   *     20,000 prompt tokens a second, 2 for one that takes twice the time for everything
   */
  SimulatedPool(String configuration, long seed, List<Double> slownesses)
      throws InvalidDocumentException {
    recorder.start();
    RandomGenerator random = new Random(seed);
    LongSupplier clock = time::nanoTime;
    EffectiveConfiguration loaded =
        Loading.load(
            configuration,
            false,
            Loading.services()
                .with(LongSupplier.class, clock)
                .with(RandomGenerator.class, random)
                .with(SharedState.class, new SharedState(SharedState.Budget.DEFAULT))
                .with(PrefixRecorder.class, recorder)
                .with(LatencyObserver.class, (name, labels, outcome) -> outcomes.add(outcome)));
    List<PoolObserver> observers = new ArrayList<>();
    for (Named<?> plugin : loaded.plugins()) {
      if (plugin.plugin() instanceof PoolObserver observer) {
        observers.add(observer);
      }
    }
    pool.observe(observers);
    this.service = service(loaded, random, clock);
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < slownesses.size(); i++) {
      endpoints.add(
          Endpoint.of(new EndpointId("ns", "pod-" + i), "192.0.2." + (i + 1), 8000, Map.of()));
      engines.add(engine(slownesses.get(i)));
    }
    pool.keep(endpoints);
    scrape();
  }

  private RoutingService service(
      EffectiveConfiguration loaded, RandomGenerator random, LongSupplier clock) {
    PluginCalls calls = PluginCalls.timedBy(clock);
    Breakers breakers = new Breakers();
    WaitingCount waiting = new WaitingCount(1_000);
    Stages stages = loaded.stages();
    var waits = new PluginWaits(calls, waiting, stages.waiting(), breakers, clock);
    LiveObjectives objectives = new LiveObjectives();
    objectives.keepObjectives(List.of(new InferenceObjective(OBJECTIVE, -1)));
    return new RoutingService(
        new RoutingStages(
            new NameResolver(new LiveRewrites(), objectives, random),
            new IdentifierChain(stages.identifiers(), calls),
            new Tenants(stages.separation(), 0),
            new ProducerChain<>("RequestDataProducer", stages.requestProducers(), calls, waits),
            SaturationAdmission.of(stages.saturationDetector()),
            new CandidateLocator(pool, false, Freshness.ANY_AGE),
            new CandidateGates(stages.screeners(), stages.admitters(), calls),
            new ProducerChain<>("DataProducer", stages.producers(), calls, waits),
            CandidateHealth.NONE,
            new AnswerHolders(new SharedState(SharedState.Budget.DEFAULT), clock),
            new Scheduler(
                loaded.scheduling().profiles(), loaded.scheduling().profileHandler(), calls),
            new ConditionalDecode(false),
            new PreRequestChain(stages.preRequests(), calls)),
        waits,
        new WaitingLimits(waiting, new WaitingCount(1_000), breakers, Duration.ofMinutes(1)),
        List.of(),
        random,
        clock);
  }

  private Engine engine(double slowness) {
    BatchCosts costs =
        new BatchCosts(
            Duration.ofNanos((long) (5_000_000 * slowness)),
            Duration.ofNanos((long) (50_000 * slowness)),
            Duration.ofNanos((long) (200_000 * slowness)),
            2_048);
    return new Engine(
        new Capacity(SEQUENCES, Integer.MAX_VALUE, 1, CACHE_BLOCKS, BLOCK, true, false, 0),
        new LatencyModel(Latencies.ZERO, SEQUENCES, new Random(1)),
        costs,
        time,
        UNOBSERVED);
  }

  private void scrape() {
    for (int slot = 0; slot < engines.size(); slot++) {
      Engine engine = engines.get(slot);
      EndpointLoad load =
          new EndpointLoad(
              engine.waiting(),
              engine.running(),
              engine.cacheUtilization(),
              Set.of(),
              Set.of(),
              0,
              BLOCK,
              CACHE_BLOCKS,
              Map.of(),
              time.nanoTime(),
              true);
      pool.current().member(slot).publish(before -> load);
    }
    time.after(SCRAPE_NANOS, this::scrape);
  }

  /** Sends them all, and waits for them. */
  List<Served> serve(List<Workload.Request> requests) {
    List<Served> served = new ArrayList<>();
    for (Workload.Request request : requests) {
      String id = "r" + served.size();
      Served one = new Served(request);
      served.add(one);
      time.after(request.atNanos() - time.nanoTime(), () -> send(one, id));
    }
    time.runFor(requests.getLast().atNanos() - time.nanoTime() + TimeUnit.SECONDS.toNanos(60));
    return served;
  }

  private void send(Served one, String id) {
    Workload.Request request = one.request;
    Map<String, String> headers =
        Map.of(
            "x-slo-ttft-ms", Double.toString(request.ttftMillis()),
            "x-slo-tpot-ms", Double.toString(request.tpotMillis()));
    var body =
        new ReceivedBody(
            ApiKind.COMPLETIONS,
            "m",
            true,
            true,
            -1,
            List.of(new Prompt(List.of(new PromptPiece.TokenIds(request.prompt())))),
            "",
            request.prompt().length * 6L);
    var hints = new RoutingHints("", OBJECTIVE, "", SubsetHint.ALL, RoutingHints.NEVER);
    Routing routing = service.route(new ReceivedRequest(id, headers::get, body, hints));
    if (!(routing instanceof Routing.Decided(RoutingDecision decision))) {
      throw new AssertionError("has to wait: " + routing);
    }
    if (decision instanceof RoutingDecision.Route route) {
      String name = route.endpoints().getFirst().id().name();
      int pod = Integer.parseInt(name.substring("pod-".length()));
      one.observers = route.observers();
      Job job =
          new Job(
              "m",
              null,
              request.prompt(),
              new int[request.outputTokens()],
              FinishReason.STOP,
              false,
              0);
      if (!(engines.get(pod).submit(job, one) instanceof Submission.Accepted)) {
        throw new AssertionError("the engine takes no more");
      }
    }
  }

  /** What was predicted and what came of it, in the order of the ends. */
  List<LatencyObserver.Outcome> outcomes() {
    return outcomes;
  }

  @Override
  public void close() {
    recorder.close();
  }

  /** One request and its answer. */
  final class Served implements GenerationListener {

    private final Workload.Request request;
    private List<ResponseObserver> observers = List.of();
    private int tokens;
    private long firstAt;
    private long endAt = -1;

    Served(Workload.Request request) {
      this.request = request;
    }

    @Override
    public void token() {
      if (tokens++ == 0) {
        firstAt = time.nanoTime();
        var head =
            FakeResponseHead.of(Map.of(":status", "200", "content-type", "text/event-stream"));
        observers.forEach(observer -> observer.onHeaders(head));
        observers.forEach(ResponseObserver::onFirstBytes);
      }
    }

    @Override
    public void finished(FinishReason reason, int cachedTokens) {
      endAt = time.nanoTime();
      int prompt = request.prompt().length;
      var usage = new Usage(prompt, tokens, prompt + tokens, cachedTokens);
      var summary =
          new ResponseSummary(
              Termination.NATURAL,
              usage,
              true,
              tokens * 200L,
              tokens,
              firstAt - request.atNanos(),
              endAt - request.atNanos());
      observers.forEach(observer -> observer.onEnd(summary));
    }

    private double ttftMillis() {
      return endAt < 0 ? Double.POSITIVE_INFINITY : (firstAt - request.atNanos()) / 1e6;
    }

    private double tpotMillis() {
      return endAt < 0
          ? Double.POSITIVE_INFINITY
          : (endAt - firstAt) / 1e6 / Math.max(1, tokens - 1);
    }

    long sentAtNanos() {
      return request.atNanos();
    }

    /** Whether both objectives were kept; not when it was refused. */
    boolean isGood() {
      return ttftMillis() <= request.ttftMillis() && tpotMillis() <= request.tpotMillis();
    }
  }
}
