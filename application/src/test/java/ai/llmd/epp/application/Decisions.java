package ai.llmd.epp.application;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.Resolution;
import ai.llmd.epp.domain.routing.RewriteOrigin;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.scheduling.ProfileEvidence;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Decisions for tests: two endpoints, one dropped by a filter, the other picked. */
public final class Decisions {

  public static final RequestLabels LABELS =
      new RequestLabels("req-1", "llama", "tuned", "alice", -1);
  public static final Endpoint FIRST = endpoint("pod-0", "10.0.0.1");
  public static final Endpoint SECOND = endpoint("pod-1", "fd00::2");
  public static final InferenceRequest REQUEST =
      new InferenceRequest(
          new ReceivedRequest(
              "req-1",
              RequestHeaders.NONE,
              new ReceivedBody(ApiKind.NONE, "", false, false, -1, List.of(), "", 0),
              RoutingHints.NONE),
          "",
          0,
          "");

  private Decisions() {}

  /** As the ring keeps it, a second after 1970. */
  public static DecisionRecord recorded(RoutingDecision decision) {
    var ring = new DecisionRing(10, 1 << 20);
    new DecisionRecorder(ring, () -> 1_000L, () -> 1_000L).decided(decision);
    return ring.latest(1).getFirst();
  }

  public static Route route() {
    return new Route(LABELS, List.of(SECOND), new HeaderChanges(), null, List.of(), evidence(""));
  }

  public static Route degradedRoute() {
    return new Route(
        LABELS, List.of(SECOND), new HeaderChanges(), null, List.of(), evidence("failed"));
  }

  public static Reject reject(Reason reason, Evidence evidence) {
    return new Reject(LABELS, reason, "a \"quoted\" detail", evidence);
  }

  public static Evidence unsuccessful() {
    return new Evidence(Resolution.NONE, 2, List.of(), List.of(), null, 40_000, 50_000);
  }

  public static Evidence evidence(String degraded) {
    return new Evidence(
        new Resolution("premium", true, new RewriteOrigin("canary", 1)),
        2,
        List.of(new Evidence.Step("DataProducer", "prefix", "approx", 1_000, degraded)),
        List.of(new Evidence.Step("ProfilePicker", "single", "single-profile-handler", 500, "")),
        List.of(profile()),
        new Evidence.Choice("default", SECOND),
        40_000,
        50_000,
        null);
  }

  private static ProfileEvidence profile() {
    var load = new EndpointLoad(3, 2, 0.5, Set.of(), Set.of(), 0, 0, 0, Map.of(), 600, true);
    Candidates all =
        Candidates.of(
            2,
            List.of(
                new Candidate(0, FIRST, EndpointLoad.UNSAMPLED), new Candidate(1, SECOND, load)));
    Candidates kept = all.where(candidate -> candidate.slot() == 1);
    var cycle = new SchedulingCycle(REQUEST, kept, new Facts(), new Random(1), 0);
    return new ProfileEvidence(
        "default",
        all,
        List.of(new ProfileEvidence.Filtered("role", "role-filter", kept, 2_000)),
        List.of(
            new ProfileEvidence.Scored(
                "queue", "queue-scorer", 2, Scores.of(cycle, ignored -> 0.25), 3_000)),
        Scores.of(cycle, ignored -> 0.5),
        picked(kept));
  }

  private static ProfileEvidence.Picked picked(Candidates kept) {
    return new ProfileEvidence.Picked("max", "max-score-picker", kept, 4_000);
  }

  private static Endpoint endpoint(String name, String address) {
    return Endpoint.of(new EndpointId("ns", name), address, 8000, Map.of());
  }
}
