package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.domain.catalogue.Plugin;
import ai.llmd.epp.domain.facts.Facts;
import ai.llmd.epp.domain.pool.Candidate;
import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.routing.HeaderChanges;
import ai.llmd.epp.domain.routing.PreRequest;
import ai.llmd.epp.domain.routing.ResponseHead;
import ai.llmd.epp.domain.routing.ResponseObserver;
import ai.llmd.epp.domain.routing.RoutedRequest;
import ai.llmd.epp.domain.scheduling.Filter;
import ai.llmd.epp.domain.scheduling.ProfileResult;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.Scorer;
import ai.llmd.epp.domain.scheduling.Scores;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Plays requests one after another to one instance: each is filtered or scored, then routed as the
 * step prescribes, then answered.
 */
final class GoldenSteps {

  private static final Set<String> FIELDS =
      Set.of(
          "request",
          "endpoints",
          "scores",
          "kept",
          "picked",
          "primaryProfile",
          "respondFrom",
          "requestHeadersAfter",
          "responseHeaders");

  private final GoldenCase golden;
  private final GoldenPool pool;
  private final Plugin plugin;

  /** A request that comes up again is the same one, with what a plugin noted about it. */
  private final Map<String, Facts> factsByRequest = new HashMap<>();

  private GoldenSteps(GoldenCase golden) {
    this.golden = golden;
    this.pool = golden.pool();
    this.plugin = GoldenPlugins.build(golden);
  }

  static void replay(GoldenCase golden) {
    GoldenSteps steps = new GoldenSteps(golden);
    golden.get("steps").forEach(steps::play);
  }

  private void play(JsonNode step) {
    GoldenCase.only(step, FIELDS);
    GoldenRequest request = new GoldenRequest(step.path("request"));
    Facts facts = factsByRequest.computeIfAbsent(request.id(), ignored -> pool.facts(request));
    request.addTo(facts);
    Candidates candidates = step.has("endpoints") ? pool.named(step.get("endpoints")) : pool.all();
    SchedulingCycle cycle = pool.cycle(request, candidates, facts);
    switch (golden.kind()) {
      case "scorer" -> GoldenAnswers.assertScores((Scorer) plugin, cycle, step.get("scores"));
      case "filter" -> GoldenAnswers.assertKept((Filter) plugin, cycle, step.get("kept"));
      case "prerequest" -> assertThat(plugin).isInstanceOf(PreRequest.class);
      default -> throw new IllegalArgumentException("steps of a " + golden.kind());
    }
    HeaderChanges changes = new HeaderChanges();
    @Nullable ResponseObserver observer = route(step, cycle, changes);
    if (step.has("requestHeadersAfter")) {
      assertThat(request.headersAfter(changes))
          .isEqualTo(GoldenCase.textByName(step.get("requestHeadersAfter")));
    }
    if (step.has("respondFrom")) {
      Answer answer = new Answer(pool.one(step.get("respondFrom").asString()), new TreeMap<>());
      if (observer != null) {
        observer.onHeaders(answer);
      }
      assertThat(answer.headers).isEqualTo(GoldenCase.textByName(step.path("responseHeaders")));
    }
  }

  /** A response whose request was never picked for comes from where a single profile sent it. */
  private @Nullable ResponseObserver route(
      JsonNode step, SchedulingCycle cycle, HeaderChanges changes) {
    JsonNode picked = step.path("picked");
    if (picked.isEmpty() && step.has("respondFrom")) {
      var nodes = JsonNodeFactory.instance;
      picked = nodes.objectNode().set("default", nodes.arrayNode().add(step.get("respondFrom")));
    }
    if (picked.isEmpty() || !(plugin instanceof PreRequest preRequest)) {
      return null;
    }
    ProfileResults results = new ProfileResults();
    picked.forEachEntry((profile, targets) -> results.put(profile, result(cycle, targets)));
    String primary = step.path("primaryProfile").asString(picked.propertyNames().iterator().next());
    return preRequest.onRouted(
        new RoutedRequest(
            cycle.request(),
            cycle.facts(),
            primary,
            results.find(primary).orElseThrow(),
            results,
            changes));
  }

  /** Without targets a profile has no result. */
  private @Nullable ProfileResult result(SchedulingCycle cycle, JsonNode targets) {
    return targets.isEmpty()
        ? null
        : new ProfileResult(pool.named(targets), cycle.candidates(), Scores.all(cycle, 0));
  }

  /** The head of a response, with Envoy's metadata about its sender. */
  private record Answer(Candidate sender, Map<String, String> headers) implements ResponseHead {

    private static final String NAMESPACE = "envoy.lb";
    private static final String SENDER = "x-gateway-destination-endpoint-served";

    @Override
    public @Nullable String header(String lowerCaseName) {
      return null;
    }

    @Override
    public @Nullable String metadata(String namespace, String key) {
      return namespace.equals(NAMESPACE) && key.equals(SENDER)
          ? sender.endpoint().hostPort()
          : null;
    }

    @Override
    public boolean hasMetadata(String namespace) {
      return namespace.equals(NAMESPACE);
    }

    @Override
    public void set(String name, String value) {
      headers.put(name, value);
    }
  }
}
