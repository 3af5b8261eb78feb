package ai.llmd.epp.application;

import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.routing.HeaderChanges;
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
import ai.llmd.epp.domain.scheduling.Scheduler.Verdict;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes a route of what was scheduled: refuses a request that asks for a cached prompt and finds
 * none, lets the pre-request plugins act, and collects who observes the response. Any thread.
 */
record Acceptance(RoutingStages stages) {

  /** The decision about a request that has been scheduled. */
  RoutingDecision route(SchedulingCycle cycle, Verdict.Scheduled scheduled, Journey journey) {
    ProfileResult primary = scheduled.primary();
    EvidenceBuilder evidence = journey.evidence();
    if (stages
        .conditionalDecode()
        .refuses(cycle.request().headers(), cycle.facts(), primary.picks().get(0))) {
      return evidence.reject(
          journey.labels(), Reason.NOT_CACHED, "no decode worker has the requested KV cache");
    }
    HeaderChanges headers = new HeaderChanges();
    PreRequestChain.Outcome outcome =
        stages
            .preRequests()
            .run(
                new RoutedRequest(
                    cycle.request(),
                    cycle.facts(),
                    scheduled.primaryProfile(),
                    primary,
                    scheduled.results(),
                    headers),
                evidence.steps);
    Refusal refusal = outcome.refusal();
    if (refusal != null) {
      end(outcome.observers(), evidence);
      return evidence.reject(journey.labels(), refusal.reason(), refusal.detail());
    }
    return new Route(
        journey.labels(),
        endpoints(primary.picks()),
        headers,
        new ScoredCandidates(primary.scored(), primary.totals()),
        observers(outcome, primary.picks().get(0), cycle),
        evidence.evidence(),
        stages.admission().plugin().eviction(cycle.facts()));
  }

  private List<ResponseObserver> observers(
      PreRequestChain.Outcome outcome, Candidate pick, SchedulingCycle cycle) {
    ResponseObserver health = stages.health().picked(pick, cycle.nowNanos());
    if (health != null) {
      outcome.add(health);
    }
    ResponseObserver stored =
        stages.holders().follow(cycle.request().received().body().stored(), pick);
    if (stored != null) {
      outcome.add(stored);
    }
    return outcome.observers();
  }

  /** No response will come that could release what was counted, so it is released here. */
  private static void end(List<ResponseObserver> observers, EvidenceBuilder evidence) {
    var summary =
        new ResponseSummary(
            Termination.ERROR, Usage.NONE, false, 0, 0, -1, evidence.elapsedNanos());
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
