package ai.llmd.epp.adapter.files.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.rewrite.ModelRewrite;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Match;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Rule;
import ai.llmd.epp.domain.rewrite.ModelRewrite.Target;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RewritesFileTest {

  private static final ObjectOwner OWNER =
      new ObjectOwner("pool", "inference.networking.k8s.io", "default");

  private static List<ModelRewrite> read(String text) throws InvalidDocumentException {
    return RewritesFile.read(new YamlSource("r.yaml", text), OWNER).objects();
  }

  private static void assertRefused(String text, String... sentences) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InvalidDocumentException.class)
        .message()
        .satisfies(message -> assertThat(message.lines()).containsExactly(sentences));
  }

  private static String named(String metadata) {
    return """
    ---
    apiVersion: llm-d.ai/v1alpha2
    kind: InferenceModelRewrite
    metadata: {%s}
    spec: {rules: []}
    """
        .formatted(metadata);
  }

  @Test
  void readsRulesWithTheirMatchesAndTargets() throws InvalidDocumentException {
    List<ModelRewrite> read =
        read(
            """
            apiVersion: llm-d.ai/v1alpha2
            kind: InferenceModelRewrite
            metadata: {name: canary, creationTimestamp: "2025-01-31T13:00:00+01:00"}
            spec:
              poolRef: {name: pool}
              rules:
              - matches:
                - model: {type: Exact, value: llama}
                - model: {value: llama-3}
                targets:
                - {modelRewrite: llama-v1, weight: 90}
                - {modelRewrite: llama-v2, weight: 10}
              - targets: [{modelRewrite: fallback}]
              - matches: [{model: {value: retired}}]
            """);

    assertThat(read)
        .containsExactly(
            new ModelRewrite(
                "canary",
                Instant.parse("2025-01-31T12:00:00Z"),
                List.of(
                    new Rule(
                        List.of(new Match("llama"), new Match("llama-3")),
                        List.of(new Target("llama-v1", 90), new Target("llama-v2", 10))),
                    new Rule(List.of(), List.of(new Target("fallback", null))),
                    new Rule(List.of(new Match("retired")), List.of()))));
  }

  @Test
  void withoutTimesTheOrderInTheFileDecides() throws InvalidDocumentException {
    List<ModelRewrite> read = read(named("name: z") + named("name: a") + named("name: m"));

    assertThat(read).extracting(ModelRewrite::name).containsExactly("z", "a", "m");
    assertThat(read).extracting(ModelRewrite::createdAt).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void anObjectWithoutATimeIsJustYoungerThanTheOneBeforeIt() throws InvalidDocumentException {
    List<ModelRewrite> read =
        read(
            named("name: a, creationTimestamp: '2025-06-01T00:00:00Z'")
                + named("name: b, creationTimestamp: null")
                + named("name: c, creationTimestamp: '2025-01-01T00:00:00Z'"));

    Instant june = Instant.parse("2025-06-01T00:00:00Z");
    assertThat(read)
        .extracting(ModelRewrite::createdAt)
        .containsExactly(june, june.plusNanos(1), Instant.parse("2025-01-01T00:00:00Z"));
  }

  @Test
  void everyMistakeIsReportedAtItsPlace() {
    assertRefused(
        """
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceModelRewrite
        metadata: {name: a, creationTimestamp: yesterday}
        spec:
          rules:
          - matches:
            - {}
            - model: {type: Prefix, value: ""}
            targets: []
          - targets:
            - {weight: 0, modelRewrite: x}
            - {weight: 1000001, modelRewrite: x}
            - {weight: 1}
            - {model: x}
        ---
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceModelRewrite
        metadata: {name: b, creationTimestamp: "+999999999-12-31T23:59:59Z"}
        spec: {}
        """,
        "r.yaml:3:40: metadata.creationTimestamp: must be a time such as 2025-01-31T12:00:00Z,"
            + " was \"yesterday\"",
        "r.yaml:6:5: spec.rules[0].targets: must have an item when it is there",
        "r.yaml:7:7: spec.rules[0].matches[0].model: is required",
        "r.yaml:8:21: spec.rules[0].matches[1].model.type: must be Exact, was \"Prefix\"",
        "r.yaml:8:36: spec.rules[0].matches[1].model.value: is required",
        "r.yaml:11:16: spec.rules[1].targets[0].weight: must be a whole number within 1 and"
            + " 1000000, was 0",
        "r.yaml:12:16: spec.rules[1].targets[1].weight: must be a whole number within 1 and"
            + " 1000000, was 1000001",
        "r.yaml:13:7: spec.rules[1].targets[2].modelRewrite: is required",
        "r.yaml:14:7: spec.rules[1].targets[3].modelRewrite: is required",
        "r.yaml:14:8: spec.rules[1].targets[3].model: unknown field \"model\"; known: weight,"
            + " modelRewrite",
        "r.yaml:18:40: metadata.creationTimestamp: must be a time such as 2025-01-31T12:00:00Z,"
            + " was \"+999999999-12-31T23:59:59Z\"",
        "r.yaml:19:7: spec.rules: is required");
  }

  @Test
  void nestingWithoutEndIsRefusedAtItsPlace() {
    assertRefused("[".repeat(100_000), "r.yaml:1:201: nested more than 200 levels deep");
    assertRefused("{a: ".repeat(100_000), "r.yaml:1:801: nested more than 200 levels deep");
  }
}
