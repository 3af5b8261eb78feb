package ai.llmd.epp.application;

import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.application.port.in.Routing.Decided;
import ai.llmd.epp.application.port.in.Routing.Queued;
import ai.llmd.epp.application.port.in.Routing.Waiting;
import ai.llmd.epp.application.port.out.RoutingObserver;
import ai.llmd.epp.application.stored.AnswerHolders;
import ai.llmd.epp.application.waiting.Budget;
import ai.llmd.epp.application.waiting.PluginWaits;
import ai.llmd.epp.application.waiting.QueuePlace;
import ai.llmd.epp.application.waiting.Wait;
import ai.llmd.epp.application.waiting.WaitingLimits;
import ai.llmd.epp.domain.calls.Called;
import ai.llmd.epp.domain.calls.NonFatal;
import ai.llmd.epp.domain.calls.PluginCalls;
import ai.llmd.epp.domain.calls.PluginFailedException;
import ai.llmd.epp.domain.catalogue.Named;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.Scheduler;
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.filter.RoleFilter;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Routes requests, stage by stage: finds the model, the priority and the client, gathers what the
 * request alone shows, admits, freezes the candidates, gathers facts about them, schedules, and
 * lets the pre-request plugins act. Stateless; any thread.
 *
 * <p>Each stage ends by calling the next. One that has to wait returns {@link Waiting} instead: the
 * same calls, to be continued on a virtual thread; one that queues the request returns {@link
 * Queued}, and they are continued when its turn has come.
 */
public final class RoutingService implements RouteRequest {

  private static final String ADMISSION = "SaturationDetector";
  private static final String SCHEDULING = "Scheduling";
  private static final String NO_CANDIDATE =
      "failed to find endpoint candidates for serving the request";

  private final RoutingStages stages;
  private final Acceptance acceptance;
  private final PluginCalls calls;
  private final PluginWaits waits;
  private final WaitingLimits limits;
  private final List<RoutingObserver> observers;
  private final Named<Scheduler> scheduler;
  private final RandomGenerator random;
  private final LongSupplier nanoClock;

  /**
   * @param waits awaits plugins that wait, and calls all others by its own {@link PluginCalls}
   * @param observers notified of every decision, in this order
   * @param random safe for use by many threads
   * @param nanoClock as {@link System#nanoTime()}
   */
  public RoutingService(
      RoutingStages stages,
      PluginWaits waits,
      WaitingLimits limits,
      List<RoutingObserver> observers,
      RandomGenerator random,
      LongSupplier nanoClock) {
    this.stages = stages;
    this.acceptance = new Acceptance(stages);
    this.calls = waits.calls();
    this.waits = waits;
    this.limits = limits;
    this.observers = List.copyOf(observers);
    this.scheduler = new Named<>("scheduler", "scheduler", stages.scheduler());
    this.random = random;
    this.nanoClock = nanoClock;
  }

  @Override
  public Routing route(ReceivedRequest request) {
    arrived();
    EvidenceBuilder evidence = new EvidenceBuilder(nanoClock);
    NameResolver.Resolved named = stages.names().resolve(request);
    evidence.resolution = named.resolution();
    if (isWithoutModel(request.body(), named)) {
      return decided(
          evidence.reject(
              labels(request, named), Reason.MALFORMED, "model not found in request body"));
    }
    Facts facts = new Facts();
    @Nullable Refusal refusal = stages.identifiers().identify(request, facts, evidence.steps);
    Journey journey = journey(request, named, facts, evidence);
    if (refusal != null) {
      return decided(evidence.reject(journey.labels(), refusal.reason(), refusal.detail()));
    }
    return switch (begun(journey)) {
      case Decided(RoutingDecision decision) -> decided(decision);
      case Waiting(Wait<Routing> rest) -> new Waiting(() -> withinLimit(rest, journey));
      case Queued(QueuePlace place, Wait<Routing> rest) -> queued(place, rest, journey);
    };
  }

  private static boolean isWithoutModel(ReceivedBody body, NameResolver.Resolved named) {
    return body.isModelRewritable() && body.api().needsModel() && named.targetModel().isEmpty();
  }

  private static RequestLabels labels(ReceivedRequest request, NameResolver.Resolved named) {
    return RequestLabels.of(
        new InferenceRequest(request, named.targetModel(), 0, request.hints().fairnessId()));
  }

  private Journey journey(
      ReceivedRequest request, NameResolver.Resolved named, Facts facts, EvidenceBuilder evidence) {
    String fairnessId = stages.tenants().fairnessId(request, facts);
    var resolved =
        new InferenceRequest(
            stages.tenants().separated(request, fairnessId),
            named.targetModel(),
            named.priority(),
            fairnessId);
    long startedAt = evidence.startedAt;
    var budget =
        new Budget(
            startedAt, startedAt + limits.longest().toNanos(), request, waits.rules(), nanoClock);
    return new Journey(resolved, RequestLabels.of(resolved), facts, evidence, budget);
  }

  private void arrived() {
    for (RoutingObserver observer : observers) {
      observer.arrived();
    }
  }

  /** Whichever way a decision came, its observers are notified here. */
  private Decided decided(RoutingDecision decision) {
    for (RoutingObserver observer : observers) {
      observer.decided(decision);
    }
    return new Decided(decision);
  }

  private Routing begun(Journey journey) {
    boolean isToGoOn = false;
    try {
      Routing routing = gatherRequestFacts(journey);
      isToGoOn = !(routing instanceof Decided);
      return routing;
    } finally {
      if (!isToGoOn) {
        admission().decided(journey.facts());
      }
    }
  }

  private Admission admission() {
    return stages.admission().plugin();
  }

  private Routing withinLimit(Wait<Routing> rest, Journey journey) throws InterruptedException {
    if (limits.requests().enter()) {
      return walked(rest, journey);
    }
    admission().decided(journey.facts());
    return decided(
        journey
            .rejected(
                Reason.TOO_MANY_WAITING,
                "%d requests wait for their decision".formatted(limits.requests().limit()))
            .decision());
  }

  /** In a queue it does not count for the limit; behind it, it is not turned away. */
  private Routing queued(QueuePlace place, Wait<Routing> rest, Journey journey) {
    return new Queued(
        place,
        () -> {
          limits.requests().enterAgain();
          return walked(rest, journey);
        });
  }

  /** Walks on to the decision, or to a queue; a request that is counted as one that waits. */
  private Routing walked(Wait<Routing> rest, Journey journey) throws InterruptedException {
    Routing reached;
    boolean isQueued = false;
    try {
      reached = rest.await();
      while (reached instanceof Waiting(Wait<Routing> further)) {
        reached = further.await();
      }
      isQueued = reached instanceof Queued;
    } finally {
      limits.requests().leave();
      if (!isQueued) {
        admission().decided(journey.facts());
      }
    }
    return switch (reached) {
      case Decided(RoutingDecision decision) -> decided(decision);
      case Queued(QueuePlace place, Wait<Routing> further) -> queued(place, further, journey);
      case Waiting waiting -> waiting; // there is none
    };
  }

  private Routing gatherRequestFacts(Journey journey) {
    Wait<Boolean> rest =
        stages
            .requestFacts()
            .gather(plugin -> plugin.produce(journey.request(), journey.facts()), journey);
    return rest == null
        ? admit(journey, journey.evidence().startedAt)
        : new Waiting(() -> admitAfter(rest, journey));
  }

  private Routing admitAfter(Wait<Boolean> rest, Journey journey) throws InterruptedException {
    rest.await();
    return admit(journey, nanoClock.getAsLong());
  }

  private Routing admit(Journey journey, long nowNanos) {
    Candidates candidates = locate(journey, nowNanos);
    Named<Admission> admission = stages.admission();
    Called<Admission.Outcome> called =
        calls.call(
            ADMISSION,
            admission,
            plugin ->
                plugin.admit(
                    journey.request(), journey.facts(), candidates, journey.budget(), nowNanos));
    journey.evidence().flow = admission.plugin().evidence(journey.facts());
    return switch (called) {
      case Called.Returned(Admission.Admitted admitted, var ignored) ->
          gatherFacts(candidates, journey, nowNanos);
      case Called.Returned(Admission.Refused refused, var ignored) -> journey.rejected(refused);
      case Called.Returned(Admission.Later later, var ignored) -> {
        Called<Admission.Settled> skipped = waits.skipped(ADMISSION, admission);
        if (skipped == null) {
          yield new Waiting(() -> goOnAfter(later, journey));
        }
        journey.evidence().step(ADMISSION, admission, skipped);
        yield gatherFacts(candidates, journey, nowNanos);
      }
      case Called.Returned(Admission.Queued(QueuePlace place, var rest), var ignored) -> {
        long queuedAt = nanoClock.getAsLong();
        yield new Queued(place, () -> goOnAfter(rest, queuedAt, journey));
      }
      case Called.Threw<?> threw -> { // an admission that fails turns no request away
        journey.evidence().step(ADMISSION, admission, threw);
        yield gatherFacts(candidates, journey, nowNanos);
      }
    };
  }

  private Routing goOnAfter(Admission.Later later, Journey journey) throws InterruptedException {
    Named<Admission> admission = stages.admission();
    Called<Admission.Settled> called =
        waits.await(ADMISSION, admission, later.rest(), later.budget(), journey.budget());
    if (called instanceof Called.Returned(Admission.Refused refused, var ignored)) {
      return journey.rejected(refused);
    }
    journey.evidence().step(ADMISSION, admission, called);
    long nowNanos = nanoClock.getAsLong();
    return gatherFacts(locate(journey, nowNanos), journey, nowNanos);
  }

  private Routing goOnAfter(Wait<Admission.Settled> queue, long queuedAt, Journey journey)
      throws InterruptedException {
    Called<Admission.Settled> called = settled(queue, queuedAt);
    journey.evidence().flow = admission().evidence(journey.facts());
    if (called instanceof Called.Returned(Admission.Refused refused, var ignored)) {
      return journey.rejected(refused);
    }
    if (called instanceof Called.Threw<?>) {
      journey.evidence().step(ADMISSION, stages.admission(), called);
    }
    long nowNanos = nanoClock.getAsLong();
    Journey rest = journey.afterQueueing(nowNanos - queuedAt);
    return gatherFacts(locate(rest, nowNanos), rest, nowNanos);
  }

  private Called<Admission.Settled> settled(Wait<Admission.Settled> queue, long queuedAt)
      throws InterruptedException {
    try {
      return new Called.Returned<>(queue.await(), nanoClock.getAsLong() - queuedAt);
    } catch (InterruptedException e) {
      throw e;
    } catch (Throwable thrown) {
      return calls.failed(
          ADMISSION,
          stages.admission(),
          NonFatal.orThrow(thrown),
          nanoClock.getAsLong() - queuedAt);
    }
  }

  private Candidates locate(Journey journey, long nowNanos) {
    Candidates candidates = stages.locator().locate(journey.request().subset(), nowNanos);
    journey.evidence().candidates = candidates.size();
    return candidates;
  }

  private Routing gatherFacts(Candidates candidates, Journey journey, long nowNanos) {
    if (candidates.isEmpty()) {
      return withoutCandidate(journey);
    }
    SchedulingCycle all = cycle(candidates, journey, nowNanos);
    Candidates screened = stages.gates().screened(all, journey.evidence());
    if (screened.isEmpty()) {
      return journey.rejected(Reason.NO_CANDIDATE, CandidateGates.NONE_LEFT);
    }
    SchedulingCycle cycle = all.with(screened);
    Wait<Boolean> rest = stages.facts().gather(plugin -> plugin.produce(cycle), journey);
    return rest == null
        ? schedule(cycle, journey)
        : new Waiting(() -> scheduleAfter(rest, screened, journey));
  }

  private static Routing withoutCandidate(Journey journey) {
    return journey.rejected(Reason.NO_CANDIDATE, NO_CANDIDATE);
  }

  /** What the producers found out stays, the loads and the members are those of now. */
  private Routing scheduleAfter(Wait<Boolean> rest, Candidates before, Journey journey)
      throws InterruptedException {
    rest.await();
    long nowNanos = nanoClock.getAsLong();
    Candidates candidates =
        stages.locator().locateAgain(before, journey.request().subset(), nowNanos);
    journey.evidence().candidates = candidates.size();
    if (candidates.isEmpty()) {
      return withoutCandidate(journey);
    }
    SchedulingCycle all = cycle(candidates, journey, nowNanos);
    Candidates screened = stages.gates().screenedAgain(before, all, journey.evidence());
    return screened.isEmpty()
        ? journey.rejected(Reason.NO_CANDIDATE, CandidateGates.NONE_LEFT)
        : schedule(all.with(screened), journey);
  }

  private SchedulingCycle cycle(Candidates candidates, Journey journey, long nowNanos) {
    return new SchedulingCycle(journey.request(), candidates, journey.facts(), random, nowNanos);
  }

  private Routing schedule(SchedulingCycle cycle, Journey journey) {
    String denial = stages.gates().denial(cycle, journey.evidence());
    if (denial != null) {
      return journey.rejected(Reason.INTERNAL, "request cannot be admitted: " + denial);
    }
    Candidates all = cycle.candidates();
    Candidate holder = stages.holders().holder(all, cycle.request().received().body().stored());
    if (holder != null
        && verdict(cycle.with(AnswerHolders.around(holder, all)), journey)
            instanceof Verdict.Scheduled scheduled) {
      journey.evidence().heldBy(holder);
      return new Decided(acceptance.route(cycle, scheduled, journey));
    }
    Candidates eligible = stages.health().eligible(all, cycle.nowNanos());
    Verdict verdict = verdict(cycle.with(eligible), journey);
    if (eligible.size() < all.size()) {
      journey.evidence().avoided(all, eligible);
      if (!(verdict instanceof Verdict.Scheduled)) { // what fails may be all that is left
        verdict = verdict(cycle, journey);
      }
    }
    return switch (verdict) {
      case Verdict.Scheduled scheduled -> new Decided(acceptance.route(cycle, scheduled, journey));
      case Verdict.AllFiltered ignored ->
          journey.rejected(Reason.ALL_FILTERED, "no endpoints available for the given request");
      case Verdict.Failed(String detail, var ignored) ->
          journey.rejected(Reason.NOT_SCHEDULED, "failed to find target endpoint: " + detail);
    };
  }

  private Verdict verdict(SchedulingCycle cycle, Journey journey) {
    EvidenceBuilder evidence = journey.evidence();
    Called<Verdict> called =
        calls.call(SCHEDULING, scheduler, plugin -> plugin.schedule(cycle, evidence::handlerCall));
    Verdict verdict =
        called instanceof Called.Returned(Verdict reached, var ignored)
            ? reached
            : new Verdict.Failed(failure(called), List.of());
    evidence.scheduled(verdict, called.nanos());
    return verdict;
  }

  private static String failure(Called<Verdict> called) {
    return called instanceof Called.Threw<Verdict> threw
            && threw.failure() instanceof PluginFailedException
        ? threw.degraded()
        : "the scheduler " + called.degraded();
  }

  @Override
  public boolean isSheddable(String objective) {
    return stages.names().priority(objective) < 0;
  }

  @Override
  public RoutingDecision routeWithoutBody(
      String requestId, SubsetHint subset, StoredAnswers stored) {
    arrived();
    return decided(anyEndpoint(requestId, subset, stored)).decision();
  }

  private RoutingDecision anyEndpoint(String requestId, SubsetHint subset, StoredAnswers stored) {
    EvidenceBuilder evidence = new EvidenceBuilder(nanoClock);
    RequestLabels labels = RequestLabels.anonymous(requestId);
    Candidates allowed = stages.locator().locate(subset, evidence.startedAt);
    evidence.candidates = allowed.size();
    if (allowed.isEmpty()) {
      return evidence.reject(labels, Reason.NO_CANDIDATE, NO_CANDIDATE);
    }
    Candidate holder = stages.holders().holder(allowed, stored);
    if (holder != null) {
      evidence.heldBy(holder);
    }
    Candidate any = holder == null ? any(allowed, evidence.startedAt) : holder;
    return new Route(
        labels,
        List.of(any.endpoint()),
        new HeaderChanges(),
        null,
        Stream.of(
                stages.health().picked(any, evidence.startedAt),
                stages.holders().follow(stored, any))
            .filter(Objects::nonNull)
            .toList(),
        evidence.evidence());
  }

  private Candidate any(Candidates allowed, long nowNanos) {
    Candidates decoding = RoleFilter.decoding(allowed);
    Candidates serving = decoding.isEmpty() ? allowed : decoding;
    Candidates eligible = stages.health().eligible(serving, nowNanos);
    return eligible.get(random.nextInt(eligible.size()));
  }
}
