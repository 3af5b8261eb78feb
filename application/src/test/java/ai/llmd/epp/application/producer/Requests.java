package ai.llmd.epp.application.producer;

import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.pool.EndpointLoad;
import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.request.ApiKind;
import ai.llmd.epp.domain.request.InferenceRequest;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.domain.request.ReceivedBody;
import ai.llmd.epp.domain.request.ReceivedRequest;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.request.RoutingHints;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Requests, endpoints and cycles for tests. */
public final class Requests {

  private Requests() {}

  public static Prompt text(String text) {
    return new Prompt(List.of(new PromptPiece.Text(Utf8Text.of(text))));
  }

  public static Prompt tokens(int... ids) {
    return new Prompt(List.of(new PromptPiece.TokenIds(ids)));
  }

  public static InferenceRequest request(Prompt... prompts) {
    return request("m", "", -1, ApiKind.CHAT_COMPLETIONS, RequestHeaders.NONE, prompts);
  }

  public static InferenceRequest request(
      String model,
      String salt,
      long outputTokenCap,
      ApiKind api,
      RequestHeaders headers,
      Prompt... prompts) {
    return new InferenceRequest(
        new ReceivedRequest(
            "id",
            headers,
            new ReceivedBody(api, model, true, false, outputTokenCap, List.of(prompts), salt, 0),
            RoutingHints.NONE),
        model,
        0,
        "");
  }

  public static EndpointState endpoint(int slot, long incarnation, String id) {
    int slash = id.indexOf('/');
    var endpointId = new EndpointId(id.substring(0, slash), id.substring(slash + 1));
    return new EndpointState(
        slot, incarnation, Endpoint.of(endpointId, "10.0.0." + (slot + 1), 8000, Map.of()));
  }

  public static EndpointState endpoint(int slot) {
    return endpoint(slot, slot + 1, "ns/p" + slot);
  }

  /** Publishes what a server reports about its cache. */
  public static EndpointState reporting(
      EndpointState endpoint, int cacheBlockTokens, int cacheBlocks) {
    endpoint.publish(
        before ->
            new EndpointLoad(
                0, 0, 0, Set.of(), Set.of(), 0, cacheBlockTokens, cacheBlocks, Map.of(), 0, true));
    return endpoint;
  }

  public static SchedulingCycle cycle(InferenceRequest request, EndpointState... endpoints) {
    List<Candidate> candidates = Arrays.stream(endpoints).map(EndpointState::current).toList();
    int slots = candidates.stream().mapToInt(Candidate::slot).max().orElse(-1) + 1;
    return new SchedulingCycle(
        request, Candidates.of(slots, candidates), new Facts(), new Random(1), 0);
  }

  /** The cycle's request sent to one endpoint by profile {@code default}. */
  public static RoutedRequest routed(SchedulingCycle cycle, EndpointState to) {
    return routed(cycle, new ProfileResults(), to);
  }

  /** The same, with the results of further profiles. */
  public static RoutedRequest routed(
      SchedulingCycle cycle, ProfileResults results, EndpointState to) {
    ProfileResult primary = result(cycle, to);
    results.put("default", primary);
    return new RoutedRequest(
        cycle.request(), cycle.facts(), "default", primary, results, new HeaderChanges());
  }

  public static ProfileResult result(SchedulingCycle cycle, EndpointState... picks) {
    List<Candidate> picked = Arrays.stream(picks).map(EndpointState::current).toList();
    return new ProfileResult(
        Candidates.of(cycle.candidates().slotCount(), picked),
        cycle.candidates(),
        Scores.all(cycle, 1));
  }
}
