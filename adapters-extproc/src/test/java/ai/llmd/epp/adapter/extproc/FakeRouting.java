package ai.llmd.epp.adapter.extproc;

import ai.llmd.epp.application.port.in.FollowResponse;
import ai.llmd.epp.application.port.in.RouteRequest;
import ai.llmd.epp.application.port.in.Routing;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.request.SubsetHint;
import ai.llmd.epp.domain.routing.Evidence;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RequestLabels;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;
import ai.llmd.epp.domain.routing.RoutingDecision.Reject;
import ai.llmd.epp.domain.routing.RoutingDecision.Route;
import ai.llmd.epp.domain.routing.RoutingDecision.ScoredCandidates;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A use case that knows the score of every endpoint beforehand and remembers its calls. */
public final class FakeRouting implements RouteRequest, FollowResponse {

  /** The recordings' endpoints with the sums that the reference computed for their loads. */
  public static final List<Endpoint> RECORDED =
      List.of(
          endpoint("ep-1", "127.0.0.1", 19031),
          endpoint("ep-2", "127.0.0.2", 19032),
          endpoint("ep-3", "127.0.0.3", 19033));

  /** The one objective whose requests are sheddable. */
  public static final String SHEDDABLE = "sheddable";

  private static final double[] SUMS = {1.9, 2.9, 0.09999999999999998};

  /** What became of one route. */
  public static final class Followed {
    final Route route;
    final List<String> calls = new CopyOnWriteArrayList<>();
    public final List<ResponseSummary> ends = new CopyOnWriteArrayList<>();

    Followed(Route route) {
      this.route = route;
    }
  }

  public final List<InferenceRequest> requests = new CopyOnWriteArrayList<>();
  public final List<Followed> routes = new CopyOnWriteArrayList<>();
  public List<Endpoint> endpoints = RECORDED;
  public UnaryOperator<RoutingDecision> decision = UnaryOperator.identity();
  public Function<RoutingDecision, Routing> routing = Routing.Decided::new;
  public BiConsumer<Route, ResponseHead> onHeaders = (route, head) -> {};
  public Map<String, Map<String, Object>> endMetadata = Map.of();

  public static Endpoint endpoint(String name, String address, int port) {
    return Endpoint.of(new EndpointId("", name), address, port, Map.of());
  }

  @Override
  public Routing route(ReceivedRequest received) {
    InferenceRequest request = resolved(received);
    requests.add(request);
    RoutingDecision decided = decision.apply(decide(request));
    if (decided instanceof Route route) {
      routes.add(new Followed(route));
    }
    return routing.apply(decided);
  }

  private static InferenceRequest resolved(ReceivedRequest received) {
    String hinted = received.hints().targetModel();
    String target = hinted.isEmpty() ? received.body().model() : hinted;
    return new InferenceRequest(received, target, 0, received.hints().fairnessId());
  }

  private RoutingDecision decide(InferenceRequest request) {
    boolean needsModel = request.isModelRewritable() && request.api().needsModel();
    if (needsModel && request.targetModel().isEmpty()) {
      return reject(request, Reason.MALFORMED, "model not found in request body");
    }
    List<Candidate> allowed = new ArrayList<>();
    for (int slot = 0; slot < endpoints.size(); slot++) {
      if (request.subset().allows(endpoints.get(slot).address())) {
        allowed.add(new Candidate(slot, endpoints.get(slot), EndpointLoad.UNSAMPLED));
      }
    }
    if (allowed.isEmpty()) {
      String detail = "failed to find endpoint candidates for serving the request";
      return reject(request, Reason.NO_CANDIDATE, detail);
    }
    String prefer = request.headers().value("prefer");
    if (prefer != null && prefer.toLowerCase(Locale.ROOT).contains("if-available")) {
      String detail = "no decode worker has the requested KV cache";
      return reject(request, Reason.NOT_CACHED, detail);
    }
    return best(request, Candidates.of(endpoints.size(), allowed));
  }

  private Route best(InferenceRequest request, Candidates candidates) {
    SchedulingCycle cycle = new SchedulingCycle(request, candidates, new Facts(), new Random(1), 0);
    Scores sums = Scores.of(cycle, candidate -> SUMS[candidate.slot() % SUMS.length]);
    Candidate best = candidates.get(0);
    for (Candidate candidate : candidates) {
      best = sums.at(candidate.slot()) > sums.at(best.slot()) ? candidate : best;
    }
    ScoredCandidates scored = new ScoredCandidates(candidates, sums);
    return new Route(
        RequestLabels.of(request),
        List.of(best.endpoint()),
        new HeaderChanges(),
        scored,
        List.of(),
        Evidence.NONE);
  }

  private static Reject reject(InferenceRequest request, Reason reason, String detail) {
    return new Reject(RequestLabels.of(request), reason, detail, Evidence.NONE);
  }

  @Override
  public boolean isSheddable(String objective) {
    return objective.equals(SHEDDABLE);
  }

  @Override
  public RoutingDecision routeWithoutBody(
      String requestId, SubsetHint subset, StoredAnswers stored) {
    RequestLabels labels = RequestLabels.anonymous(requestId);
    List<Endpoint> allowed =
        endpoints.stream().filter(endpoint -> subset.allows(endpoint.address())).toList();
    if (allowed.isEmpty()) {
      return new Reject(labels, Reason.NO_CANDIDATE, "no endpoint", Evidence.NONE);
    }
    Route route =
        new Route(
            labels,
            List.of(allowed.getFirst()),
            new HeaderChanges(),
            null,
            List.of(),
            Evidence.NONE);
    routes.add(new Followed(route));
    return route;
  }

  @SuppressWarnings("ReferenceEquality") // this route, not its like
  private Followed followed(Route route) {
    return routes.stream().filter(known -> known.route == route).findFirst().orElseThrow();
  }

  @Override
  public void headers(Route route, ResponseHead head) {
    followed(route).calls.add("headers");
    onHeaders.accept(route, head);
  }

  @Override
  public void firstBytes(Route route) {
    followed(route).calls.add("firstBytes");
  }

  @Override
  public void identified(Route route, String id) {
    followed(route).calls.add("identified " + id);
  }

  @Override
  public Map<String, Map<String, Object>> ended(Route route, ResponseSummary summary) {
    Followed followed = followed(route);
    followed.calls.add("ended " + summary.termination().label());
    followed.ends.add(summary);
    return endMetadata;
  }
}
