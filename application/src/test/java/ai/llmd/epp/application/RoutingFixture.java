package ai.llmd.epp.application;

import ai.llmd.epp.application.port.out.PluginFaults;
import ai.llmd.epp.application.producer.Producer;
import ai.llmd.epp.application.producer.RequestIdentifier;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.saturation.SaturationDetector;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A routing service of fakes: one profile that keeps everything, scores by slot and picks the
 * highest slot; a clock that moves a microsecond with each reading.
 */
final class RoutingFixture {

  final List<Named<RequestIdentifier>> identifiers = new ArrayList<>();
  final List<Named<Producer>> producers = new ArrayList<>();
  final List<Named<PreRequest>> preRequests = new ArrayList<>();
  final List<String> faults = new ArrayList<>();
  final AtomicLong nanos = new AtomicLong();
  Filter filter = cycle -> cycle.candidates();
  Scorer scorer = cycle -> Scores.of(cycle, Candidate::slot);
  ProfileHandler handler = new OneRun();
  double saturation;
  SaturationDetector detector = (candidates, now) -> candidates.isEmpty() ? 1 : saturation;
  boolean honoursSubsetHint = true;
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

  RoutingFixture producer(String name, Producer plugin) {
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
    return new RoutingService(
        pool,
        new NameResolver(rewrites, objectives, new Random(1)),
        new IdentifierChain(identifiers, noted, this::tick),
        new CandidateLocator(honoursSubsetHint),
        new Admission(detector),
        new ProducerChain(producers, noted, this::tick),
        new Scheduler(List.of(profile), new Named<>("single", "handler", handler), this::tick),
        new PreRequestChain(preRequests, noted, this::tick),
        noted,
        new Random(1),
        this::tick);
  }

  RoutingDecision route(InferenceRequest request) {
    return service().route(request);
  }

  static InferenceRequest request() {
    return request(Map.of(), "llama", "", true, "", "", SubsetHint.ALL);
  }

  static InferenceRequest withHeaders(Map<String, String> headers) {
    return request(headers, "llama", "", true, "", "", SubsetHint.ALL);
  }

  static InferenceRequest withModels(String incoming, String target, boolean isRewritable) {
    return request(Map.of(), incoming, target, isRewritable, "", "", SubsetHint.ALL);
  }

  static InferenceRequest withObjective(String objective) {
    return request(Map.of(), "llama", "", true, objective, "", SubsetHint.ALL);
  }

  /** The same, of an objective that is made up for it. */
  InferenceRequest withPriority(int priority) {
    objectives.keepObjectives(List.of(new InferenceObjective("made-up", priority)));
    return withObjective("made-up");
  }

  static InferenceRequest withFairnessId(String fairnessId) {
    return request(Map.of(), "llama", "", true, "", fairnessId, SubsetHint.ALL);
  }

  static InferenceRequest withSubset(SubsetHint subset) {
    return request(Map.of(), "llama", "", true, "", "", subset);
  }

  private static InferenceRequest request(
      Map<String, String> headers,
      String incoming,
      String target,
      boolean isRewritable,
      String objective,
      String fairnessId,
      SubsetHint subset) {
    RequestHeaders view = headers::get;
    return new InferenceRequest(
        "req-1",
        view,
        ApiKind.CHAT_COMPLETIONS,
        incoming,
        target,
        isRewritable,
        false,
        -1,
        List.of(),
        "",
        17,
        objective,
        0,
        fairnessId,
        subset);
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
