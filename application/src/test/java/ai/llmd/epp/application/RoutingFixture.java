package ai.llmd.epp.application;

import ai.llmd.epp.application.health.CandidateHealth;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.port.out.RoutingObserver;
import ai.llmd.epp.application.producer.Produced;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.application.producer.RequestProducer;
import ai.llmd.epp.application.stored.AnswerHolders;
import ai.llmd.epp.application.waiting.Breakers;
import ai.llmd.epp.application.waiting.PluginWaits;
import ai.llmd.epp.application.waiting.WaitingCount;
import ai.llmd.epp.application.waiting.WaitingLimits;
import ai.llmd.epp.application.waiting.WaitingRules;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.calls.PluginFaults;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Freshness;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.saturation.SaturationDetector;
import ai.llmd.epp.domain.scheduling.Admitter;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.Picker;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileHandler.Outcome;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import ai.llmd.epp.domain.scheduling.SchedulingProfile.WeightedScorer;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import ai.llmd.epp.domain.scheduling.Screener;
import ai.llmd.epp.domain.state.SharedState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A routing service of fakes: one profile that keeps everything, scores by slot and picks the
 * highest slot; a clock that moves a microsecond with each reading.
 */
final class RoutingFixture {

  final SharedState answers = new SharedState(SharedState.Budget.DEFAULT);

  final List<Named<RequestIdentifier>> identifiers = new ArrayList<>();
  final List<Named<RequestProducer>> requestProducers = new ArrayList<>();
  private final List<Named<Screener>> screeners = new ArrayList<>();
  private final List<Named<Admitter>> admitters = new ArrayList<>();
  final List<Named<Producer>> producers = new ArrayList<>();
  final List<RoutingObserver> observers = new ArrayList<>();
  final WaitingCount waiting = new WaitingCount(100);
  final WaitingCount pluginCalls = new WaitingCount(200);
  WaitingRules rules = WaitingRules.DEFAULT;
  final Breakers breakers = new Breakers();
  Duration longestWait = Duration.ofHours(1);
  @Nullable Admission admission; // null for one that sheds on the detector's result
  CandidateHealth health = CandidateHealth.NONE;
  final List<Named<PreRequest>> preRequests = new ArrayList<>();
  final List<String> faults = new ArrayList<>();
  final AtomicLong nanos = new AtomicLong();
  Filter filter = cycle -> cycle.candidates();
  Scorer scorer = cycle -> Scores.of(cycle, Candidate::slot);
  ProfileHandler handler = new OneRun();
  double saturation;
  SaturationDetector detector = (candidates, now) -> candidates.isEmpty() ? 1 : saturation;
  boolean honoursSubsetHint = true;
  Freshness freshness = Freshness.ANY_AGE;
  boolean hasConditionalDecode;
  PrefixSeparation separation = PrefixSeparation.NONE;
  final LiveRewrites rewrites = new LiveRewrites();
  final LiveObjectives objectives = new LiveObjectives();
  final LivePool pool = new LivePool("p", List.of(), PluginFaults.IGNORED);

  RoutingFixture withPods(int count) {
    pool.keep(Endpoints.pods(count));
    return this;
  }

  RoutingFixture preRequest(String name, PreRequest plugin) {
    preRequests.add(new Named<>(name, "test-plugin", plugin));
    return this;
  }

  RoutingFixture identifier(String name, RequestIdentifier plugin) {
    identifiers.add(new Named<>(name, "test-identifier", plugin));
    return this;
  }

  /** A producer that never waits. */
  RoutingFixture producer(String name, Consumer<SchedulingCycle> plugin) {
    return anyProducer(
        name,
        cycle -> {
          plugin.accept(cycle);
          return Produced.NOW;
        });
  }

  RoutingFixture requestProducer(String name, RequestProducer plugin) {
    requestProducers.add(new Named<>(name, "test-producer", plugin));
    return this;
  }

  RoutingFixture screener(String name, Screener plugin) {
    screeners.add(new Named<>(name, "test-screener", plugin));
    return this;
  }

  RoutingFixture admitter(String name, Admitter plugin) {
    admitters.add(new Named<>(name, "test-admitter", plugin));
    return this;
  }

  RoutingFixture anyProducer(String name, Producer plugin) {
    producers.add(new Named<>(name, "test-producer", plugin));
    return this;
  }

  long tick() {
    return nanos.addAndGet(1_000);
  }

  RoutingService service() {
    PluginFaults noted = (point, name, type, cause) -> faults.add(point + " " + name);
    var profile =
        new SchedulingProfile(
            "default",
            List.of(new Named<>("keep", "test-filter", filter)),
            List.of(new WeightedScorer(new Named<>("slot", "test-scorer", scorer), 2)),
            new Named<>("highest", "test-picker", highestSlot()));
    var calls = new PluginCalls(noted, this::tick);
    var waits = new PluginWaits(calls, pluginCalls, rules, breakers, this::tick);
    return new RoutingService(
        new RoutingStages(
            new NameResolver(rewrites, objectives, new Random(1)),
            new IdentifierChain(identifiers, calls),
            new Tenants(separation, 0),
            new ProducerChain<>("RequestDataProducer", requestProducers, calls, waits),
            new Named<>("saturation-detector", "saturation-detector", admission()),
            new CandidateLocator(pool, honoursSubsetHint, freshness),
            new CandidateGates(screeners, admitters, calls),
            new ProducerChain<>("DataProducer", producers, calls, waits),
            health,
            new AnswerHolders(answers, this::tick),
            new Scheduler(List.of(profile), new Named<>("single", "handler", handler), calls),
            new ConditionalDecode(hasConditionalDecode),
            new PreRequestChain(preRequests, calls)),
        waits,
        new WaitingLimits(waiting, pluginCalls, breakers, longestWait),
        observers,
        new Random(1),
        this::tick);
  }

  private Admission admission() {
    return admission == null ? new SaturationAdmission(detector) : admission;
  }

  /** Routes a request that does not have to wait. */
  RoutingDecision route(ReceivedRequest request) {
    return decision(service().route(request));
  }

  /** The decision of a routing that came at once. */
  static RoutingDecision decision(Routing routing) {
    return ((Routing.Decided) routing).decision();
  }

  static ReceivedRequest request() {
    return request(Map.of(), "llama", "", true, "", "", SubsetHint.ALL);
  }

  static ReceivedRequest withHeaders(Map<String, String> headers) {
    return request(headers, "llama", "", true, "", "", SubsetHint.ALL);
  }

  static ReceivedRequest withModels(String incoming, String target, boolean isRewritable) {
    return request(Map.of(), incoming, target, isRewritable, "", "", SubsetHint.ALL);
  }

  static ReceivedRequest withoutModel(ApiKind api) {
    return new ReceivedRequest(
        "req-1",
        name -> null,
        new ReceivedBody(api, "", true, false, -1, List.of(), "", 17),
        RoutingHints.NONE);
  }

  static ReceivedRequest withObjective(String objective) {
    return request(Map.of(), "llama", "", true, objective, "", SubsetHint.ALL);
  }

  /** The same, of an objective that is made up for it. */
  ReceivedRequest withPriority(int priority) {
    objectives.keepObjectives(List.of(new InferenceObjective("made-up", priority)));
    return withObjective("made-up");
  }

  static ReceivedRequest withFairnessId(String fairnessId) {
    return request(Map.of(), "llama", "", true, "", fairnessId, SubsetHint.ALL);
  }

  static ReceivedRequest withSubset(SubsetHint subset) {
    return request(Map.of(), "llama", "", true, "", "", subset);
  }

  private static ReceivedRequest request(
      Map<String, String> headers,
      String incoming,
      String target,
      boolean isRewritable,
      String objective,
      String fairnessId,
      SubsetHint subset) {
    RequestHeaders view = headers::get;
    return new ReceivedRequest(
        "req-1",
        view,
        new ReceivedBody(
            ApiKind.CHAT_COMPLETIONS, incoming, isRewritable, false, -1, List.of(), "", 17),
        new RoutingHints(target, objective, fairnessId, subset, RoutingHints.NEVER));
  }

  private static Picker highestSlot() {
    return (cycle, totals) -> {
      Candidate[] last = {cycle.candidates().get(cycle.candidates().size() - 1)};
      return cycle.candidates().select(last, 1);
    };
  }

  /** Runs every profile once and takes the first. */
  private static final class OneRun implements ProfileHandler {

    @Override
    public List<SchedulingProfile> pick(
        SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
      return results.isEmpty() ? List.copyOf(profiles) : List.of();
    }

    @Override
    public Outcome process(SchedulingCycle cycle, ProfileResults results) {
      return results.find("default").isPresent()
          ? new Outcome.Primary("default", results)
          : new Outcome.Failed("profile default failed");
    }
  }
}
