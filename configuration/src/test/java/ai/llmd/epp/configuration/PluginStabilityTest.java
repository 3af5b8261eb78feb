package ai.llmd.epp.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.llmd.epp.configuration.plugin.UpstreamTypes;
import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.catalogue.Stability;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.Problem;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Which types are experimental, deprecated, or shown under another name, as in the reference. */
class PluginStabilityTest {

  private static final Set<String> ALPHA =
      Set.of(
          """
          session-affinity-filter multicluster-session-affinity-filter endpoint-attribute-filter
          topology-affinity-filter utilization-filter session-affinity-scorer
          header-label-affinity-scorer endpoint-attribute-scorer topology-affinity-scorer
          multicluster-queue-scorer multicluster-kv-cache-utilization-scorer
          multicluster-prefix-cache-scorer header-profile-handler dcgm-data-source dcgm-extractor
          topology-extractor multicluster-metrics-data-source multicluster-metrics-extractor
          multicluster-file-discovery burst-prefix-cache-producer p2p-source-producer
          multicluster-approx-prefix-cache-producer agent-identity
          disaggregatedset-rollout-screener sheddable-eviction-filter
          priority-then-time-eviction-order-policy priority-holdback-policy
          soft-reflective-ceiling-policy\
          """
              .split("\\s+"));

  private static final Map<String, String> REPLACED =
      Map.of(
          "by-label", "label-selector-filter",
          "by-label-selector", "label-selector-filter",
          "disagg-headers-handler", "disagg-profile-handler",
          "prefill-header-handler", "disagg-profile-handler",
          "pd-profile-handler", "disagg-profile-handler",
          "tokenizer", "token-producer");

  private static final Map<String, String> REPORTED =
      Map.of(
          "decode-filter", "by-label",
          "prefill-filter", "by-label",
          "encode-filter", "by-label",
          "prefill-header-handler", "disagg-headers-handler",
          "tokenizer", "token-producer",
          "static-usage-limit-policy", "static-usage-limit-policy-type");

  static Stream<PluginType<?>> types() {
    return UpstreamTypes.ALL.stream()
        .sorted()
        .map(type -> Loading.REGISTRY.find(type).orElseThrow(() -> new AssertionError(type)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void isAsInTheReference(PluginType<?> type) {
    String name = type.name();
    assertThat(type.stability()).isEqualTo(ALPHA.contains(name) ? Stability.ALPHA : Stability.BETA);
    assertThat(type.replacement().orElse("")).isEqualTo(REPLACED.getOrDefault(name, ""));
    assertThat(type.reportedAs()).isEqualTo(REPORTED.getOrDefault(name, name));
  }

  @Test
  void everyAlphaTypeIsRefusedWithoutTheFlag() {
    types()
        .filter(type -> type.stability() == Stability.ALPHA)
        .forEach(
            type -> {
              String text =
                  "plugins: [{name: it, type: %s, parameters: %s}]"
                      .formatted(type.name(), parameters(type));
              assertThat(Loading.problemsOf(text))
                  .as(text)
                  .contains(
                      "epp.yaml:1:28: plugins[0].type: plugin \"it\" of type %s is experimental;"
                              .formatted(type.name())
                          + " --allow-experimental-plugins permits it");
              assertThat(problemsWithFlag(text)).noneMatch(problem -> problem.contains("experim"));
            });
  }

  @Test
  void anUndeclaredPluginIsRefusedAsWell() {
    assertThat(Loading.problemsOf("plugins: [{type: shy-scorer}]"))
        .containsExactly(
            "epp.yaml: plugins: plugin \"shy-producer\" of type shy-producer is experimental;"
                + " --allow-experimental-plugins permits it");
  }

  @Test
  void deprecatedTypesAreAcceptedWithAWarning() throws InvalidDocumentException {
    assertThat(Loading.load("plugins: [{name: old, type: by-label-selector}]").warnings())
        .containsExactly("plugin type by-label-selector is deprecated, use label-selector-filter");
  }

  /** Parameters that the reference accepted; none when it was never asked. */
  private static String parameters(PluginType<?> type) {
    if (type.name().equals("multicluster-file-discovery")) {
      return "{path: endpoints.yaml}";
    }
    return GoldenCase.readAll("scorers.json")
        .filter(golden -> golden.plugin().equals(type.name()) && golden.has("parameters"))
        .filter(golden -> golden.json().path("accepted").asBoolean(true))
        .map(golden -> golden.get("parameters").toString())
        .findFirst()
        .orElse(
            switch (type.name()) {
              case "priority-holdback-policy" -> "{minCeiling: 0.5}";
              case "disaggregatedset-rollout-screener" ->
                  "{scope: {labelSelector: {matchLabels: {a: b}}}, revisionGating: {mode:"
                      + " disabled}}";
              default -> "{}";
            });
  }

  private static List<String> problemsWithFlag(String text) {
    var refused =
        catchThrowableOfType(InvalidDocumentException.class, () -> Loading.load(text, true));
    return refused == null
        ? List.of()
        : refused.problems().stream().map(Problem::toString).toList();
  }
}
