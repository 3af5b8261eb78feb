package ai.llmd.epp.application;

import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.application.port.out.PluginFaults;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.RequestAttribute;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.PoolSnapshot;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.RoutingDecision.ScoredCandidates;
import ai.llmd.epp.domain.routing.Termination;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Routes requests: finds the model and the priority, identifies the client, admits, finds
 * candidates, gathers facts, schedules, and lets the pre-request plugins act. Stateless; any
 * thread.
 */
public final class RoutingService implements RouteRequest {

  private final LivePool pool;
  private final NameResolver names;
  private final IdentifierChain identifiers;
  private final CandidateLocator locator;
  private final Admission admission;
  private final ProducerChain producers;
  private final Scheduler scheduler;
  private final PreRequestChain preRequests;
  private final PluginFaults faults;
  private final RandomGenerator random;
  private final LongSupplier nanoClock;

  /**
   * @param random safe for use by many threads
   * @param nanoClock as {@link System#nanoTime()}
   */
  public RoutingService(
      LivePool pool,
      NameResolver names,
      IdentifierChain identifiers,
      CandidateLocator locator,
      Admission admission,
      ProducerChain producers,
      Scheduler scheduler,
      PreRequestChain preRequests,
      PluginFaults faults,
      RandomGenerator random,
      LongSupplier nanoClock) {
    this.pool = pool;
    this.names = names;
    this.identifiers = identifiers;
    this.locator = locator;
    this.admission = admission;
    this.producers = producers;
    this.scheduler = scheduler;
    this.preRequests = preRequests;
    this.faults = faults;
    this.random = random;
    this.nanoClock = nanoClock;
  }

  @Override
  public RoutingDecision route(InferenceRequest request) {
    Trail trail = new Trail(nanoClock);
    NameResolver.Resolved named = names.resolve(request);
    trail.resolution = named.resolution();
    String target = named.targetModel();
    if (request.isModelRewritable() && target.isEmpty()) {
      return trail.reject(
          RequestLabels.of(request.resolved(target, 0, request.fairnessId())),
          Reason.MALFORMED,
          "model not found in request body");
    }
    Facts facts = new Facts();
    @Nullable Refusal refusal = identifiers.identify(request, facts, trail.steps);
    InferenceRequest resolved =
        request.resolved(target, named.priority(), fairnessId(request, facts));
    RequestLabels labels = RequestLabels.of(resolved);
    if (refusal != null) {
      return trail.reject(labels, refusal.reason(), refusal.detail());
    }
    Candidates candidates = locator.locate(pool.current(), resolved.subset());
    trail.candidates = candidates.size();
    if (sheds(resolved, candidates, trail.startedAt)) {
      return trail.reject(labels, Reason.SHED, "system saturated, sheddable request dropped");
    }
    if (candidates.isEmpty()) {
      return trail.reject(
          labels,
          Reason.NO_CANDIDATE,
          "failed to find endpoint candidates for serving the request");
    }
    var cycle = new SchedulingCycle(resolved, candidates, facts, random, trail.startedAt);
    producers.produce(cycle, trail.steps);
    return switch (schedule(cycle, trail)) {
      case Verdict.Scheduled scheduled -> accept(cycle, scheduled, labels, trail);
      case Verdict.AllFiltered ignored ->
          trail.reject(labels, Reason.ALL_FILTERED, "no endpoints available for the given request");
      case Verdict.Failed(String detail, var ignored) ->
          trail.reject(labels, Reason.NOT_SCHEDULED, "failed to find target endpoint: " + detail);
    };
  }

  @Override
  public RoutingDecision routeWithoutBody(String requestId) {
    Trail trail = new Trail(nanoClock);
    RequestLabels labels = RequestLabels.anonymous(requestId);
    PoolSnapshot members = pool.current();
    trail.candidates = members.size();
    if (members.isEmpty()) {
      return trail.reject(labels, Reason.INTERNAL, "no pods available in datastore");
    }
    Endpoint any = members.member(random.nextInt(members.size())).endpoint();
    return new Route(labels, List.of(any), new HeaderChanges(), null, List.of(), trail.evidence());
  }

  /** A request says its fairness id itself, or its agent does, or it queues with all the others. */
  private static String fairnessId(InferenceRequest request, Facts facts) {
    if (!request.fairnessId().isEmpty()) {
      return request.fairnessId();
    }
    String agent = facts.get(RequestAttribute.AGENT_IDENTITY);
    return agent == null || agent.isEmpty() ? RequestLabels.DEFAULT_FAIRNESS_ID : agent;
  }

  /** A detector that fails turns nobody away. */
  private boolean sheds(InferenceRequest request, Candidates candidates, long nowNanos) {
    try {
      return admission.sheds(request, candidates, nowNanos);
    } catch (Throwable thrown) {
      faults.failed(
          "SaturationDetector",
          "saturation-detector",
          "saturation-detector",
          Failures.contain(thrown));
      return false;
    }
  }

  private Verdict schedule(SchedulingCycle cycle, Trail trail) {
    long startedAt = nanoClock.getAsLong();
    Verdict verdict;
    try {
      verdict = scheduler.schedule(cycle);
    } catch (Throwable thrown) {
      RuntimeException e = Failures.contain(thrown);
      faults.failed("Scheduling", "scheduler", "scheduler", e);
      verdict = new Verdict.Failed("a scheduling plugin " + Failures.reason(e), List.of());
    }
    trail.scheduled(verdict, nanoClock.getAsLong() - startedAt);
    return verdict;
  }

  private RoutingDecision accept(
      SchedulingCycle cycle, Verdict.Scheduled scheduled, RequestLabels labels, Trail trail) {
    InferenceRequest request = cycle.request();
    ProfileResult primary = scheduled.primary();
    if (ConditionalDecode.refuses(request.headers(), cycle.facts(), primary.picks().get(0))) {
      return trail.reject(labels, Reason.NOT_CACHED, "no decode worker has the requested KV cache");
    }
    HeaderChanges headers = new HeaderChanges();
    PreRequestChain.Outcome outcome =
        preRequests.run(
            new RoutedRequest(
                request,
                cycle.facts(),
                scheduled.primaryProfile(),
                primary,
                scheduled.results(),
                headers),
            trail.steps);
    if (outcome.refusal() != null) {
      end(outcome.observers(), trail);
      return trail.reject(labels, outcome.refusal().reason(), outcome.refusal().detail());
    }
    return new Route(
        labels,
        endpoints(primary.picks()),
        headers,
        new ScoredCandidates(primary.scored(), primary.totals()),
        outcome.observers(),
        trail.evidence());
  }

  /** Nobody will follow a response that never comes, so what was counted is released here. */
  private static void end(List<ResponseObserver> observers, Trail trail) {
    var summary =
        new ResponseSummary(Termination.ERROR, Usage.NONE, false, 0, 0, -1, trail.elapsedNanos());
    observers.forEach(observer -> observer.onEnd(summary));
  }

  private static List<Endpoint> endpoints(Candidates picks) {
    List<Endpoint> endpoints = new ArrayList<>(picks.size());
    for (Candidate pick : picks) {
      endpoints.add(pick.endpoint());
    }
    return endpoints;
  }
}
