package ai.llmd.epp.configuration;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.facts.PeerEndpoint;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The endpoints of a case, each in the slot of its place in the list. The slot behind them is a
 * peer's, who is no candidate. Clocks stand at 0.
 */
final class GoldenPool {

  private static final Set<String> ENDPOINT =
      Set.of("name", "address", "port", "labels", "metrics", "attributes", "score");
  private static final Set<String> METRICS =
      Set.of(
          "waitingQueueSize",
          "runningRequestsSize",
          "kvCacheUsagePercent",
          "activeModels",
          "waitingModels",
          "maxActiveModels",
          "ageMs");

  private final List<JsonNode> endpoints;
  private final EndpointLoad.Reported ofNoMetrics;
  private final Map<String, Candidate> byId = new LinkedHashMap<>();

  /**
   * @param ofNoMetrics what an endpoint without metrics counts as having reported
   */
  GoldenPool(JsonNode endpoints, EndpointLoad.Reported ofNoMetrics) {
    this.ofNoMetrics = ofNoMetrics;
    this.endpoints = endpoints.valueStream().toList();
    for (JsonNode endpoint : endpoints) {
      byId.put(endpoint.get("name").asString(), candidate(byId.size(), endpoint));
    }
  }

  Candidates all() {
    return list(List.copyOf(byId.values()));
  }

  /** Those with these identities, in this order. */
  Candidates named(JsonNode identities) {
    List<Candidate> named = new ArrayList<>();
    GoldenCase.texts(identities).forEach(identity -> named.add(one(identity)));
    return list(named);
  }

  Candidate one(String identity) {
    Candidate candidate = byId.get(identity);
    if (candidate == null) {
      throw new IllegalArgumentException("no endpoint " + identity);
    }
    return candidate;
  }

  /** The total that a picker is given for a candidate. */
  double total(Candidate candidate) {
    return endpoints.get(candidate.slot()).path("score").asDouble(0);
  }

  /** A cycle over all endpoints. */
  SchedulingCycle cycle(GoldenRequest request) {
    return cycle(request, all(), facts(request));
  }

  SchedulingCycle cycle(GoldenRequest request, Candidates candidates, Facts facts) {
    return new SchedulingCycle(request.inference(), candidates, facts, new Random(42), 1);
  }

  /** What is known of the endpoints, the peer and the request. */
  Facts facts(GoldenRequest request) {
    Facts facts = new Facts();
    JsonNode peer = request.peer();
    GoldenFacts.ofEndpoints(
        Stream.concat(endpoints.stream(), Stream.of(peer))
            .map(endpoint -> endpoint.path("attributes"))
            .toList(),
        facts);
    request.addTo(facts);
    if (peer.isObject()) {
      facts.put(PeerEndpoint.KEY, candidate(endpoints.size(), peer));
    }
    return facts;
  }

  private Candidates list(List<Candidate> candidates) {
    return Candidates.of(endpoints.size() + 1, candidates);
  }

  private Candidate candidate(int slot, JsonNode endpoint) {
    GoldenCase.only(endpoint, ENDPOINT);
    String[] id = endpoint.get("name").asString().split("/", 2);
    String somewhere = "10.9.%d.%d".formatted(slot / 250, 1 + slot % 250);
    return new Candidate(
        slot,
        Endpoint.of(
            new EndpointId(id[0], id[1]),
            endpoint.path("address").asString(somewhere),
            Integer.parseInt(endpoint.path("port").asString("8000")),
            GoldenCase.textByName(endpoint.path("labels"))),
        load(
            endpoint.path("metrics"),
            endpoint.has("metrics") ? EndpointLoad.Reported.EVERYTHING : ofNoMetrics,
            GoldenFacts.numbers(endpoint.path("attributes"))));
  }

  private static EndpointLoad load(
      JsonNode metrics, EndpointLoad.Reported reported, Map<String, Double> attributes) {
    GoldenCase.only(metrics, METRICS);
    return new EndpointLoad(
        metrics.path("waitingQueueSize").asInt(0),
        metrics.path("runningRequestsSize").asInt(0),
        metrics.path("kvCacheUsagePercent").asDouble(0),
        models(metrics.path("activeModels")),
        models(metrics.path("waitingModels")),
        metrics.path("maxActiveModels").asInt(0),
        0,
        0,
        attributes,
        -1_000_000 * metrics.path("ageMs").asLong(0),
        metrics.has("ageMs"),
        reported);
  }

  /** NearestName of a list, or of a map from names to counts. */
  private static Set<String> models(JsonNode models) {
    return models.isArray()
        ? new HashSet<>(GoldenCase.texts(models))
        : new HashSet<>(models.propertyNames());
  }
}
