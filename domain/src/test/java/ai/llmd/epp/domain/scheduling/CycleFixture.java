package ai.llmd.epp.domain.scheduling;

import ai.llmd.epp.domain.facts.FactKey;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Builds scheduling cycles for tests. Endpoint {@code i} is {@code default/pod-<i>} at {@code
 * 10.0.0.<i + 1>:8000} in slot {@code i}.
 */
public final class CycleFixture {

  private final List<Candidate> candidates = new ArrayList<>();
  private final Facts facts = new Facts();
  private Map<String, String> headers = Map.of();
  private String model = "";
  private long seed = 1;

  /** Adds an endpoint with this load. */
  public CycleFixture endpoint(EndpointLoad load) {
    return endpoint(load, Map.of());
  }

  /** Adds an endpoint with this load and these labels. */
  public CycleFixture endpoint(EndpointLoad load, Map<String, String> labels) {
    int slot = candidates.size();
    var id = new EndpointId("default", "pod-" + slot);
    return endpoint(Endpoint.of(id, "10.0.0." + (slot + 1), 8000, labels), load);
  }

  /** Adds this endpoint. */
  public CycleFixture endpoint(Endpoint endpoint, EndpointLoad load) {
    candidates.add(new Candidate(candidates.size(), endpoint, load));
    return this;
  }

  /** Adds idle endpoints. */
  public CycleFixture idle(int count) {
    for (int i = 0; i < count; i++) {
      endpoint(EndpointLoad.UNSAMPLED_AS_ZERO);
    }
    return this;
  }

  public <T> CycleFixture fact(FactKey<T> key, T value) {
    facts.put(key, value);
    return this;
  }

  /** Sets the request's headers; names in lower case. */
  public CycleFixture headers(Map<String, String> all) {
    headers = all;
    return this;
  }

  public CycleFixture model(String targetModel) {
    model = targetModel;
    return this;
  }

  public CycleFixture seed(long value) {
    seed = value;
    return this;
  }

  public SchedulingCycle build() {
    return new SchedulingCycle(
        request(headers::get, model),
        Candidates.of(candidates.size(), candidates),
        facts,
        new Random(seed),
        0);
  }

  /** A request without a prompt. */
  public static InferenceRequest request(RequestHeaders headers, String model) {
    return new InferenceRequest(
        new ReceivedRequest(
            "request-1",
            headers,
            new ReceivedBody(ApiKind.NONE, model, false, false, -1, List.of(), "", 0),
            RoutingHints.NONE),
        model,
        0,
        "");
  }

  /** A sample taken at instant 0. */
  public static EndpointLoad load(int waiting, int running, double kvCacheUtilization) {
    return new EndpointLoad(
        waiting, running, kvCacheUtilization, Set.of(), Set.of(), 0, 0, 0, Map.of(), 0, true);
  }

  /** A sample about LoRA adapters. */
  public static EndpointLoad adapters(Set<String> active, Set<String> waiting, int max) {
    return new EndpointLoad(0, 0, 0, active, waiting, max, 0, 0, Map.of(), 0, true);
  }

  /** A sample with further numbers, by attribute key. */
  public static EndpointLoad reporting(Map<String, Double> attributes) {
    return new EndpointLoad(0, 0, 0, Set.of(), Set.of(), 0, 0, 0, attributes, 0, true);
  }

  /** The scores in the order of the candidates; NaN where there is none. */
  public static double[] inOrder(SchedulingCycle cycle, Scores scores) {
    double[] all = new double[cycle.candidates().size()];
    Arrays.setAll(all, i -> scores.at(cycle.candidates().get(i).slot()));
    return all;
  }

  /** The pods' names in order. */
  public static List<String> names(Candidates candidates) {
    List<String> names = new ArrayList<>();
    candidates.forEach(candidate -> names.add(candidate.endpoint().podName()));
    return names;
  }
}
