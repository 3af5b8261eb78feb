package ai.llmd.epp.adapter.files.objects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.objective.InferenceObjective;
import ai.llmd.epp.yaml.InvalidDocumentException;
import ai.llmd.epp.yaml.YamlSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectivesFileTest {

  private static final ObjectOwner OWNER =
      new ObjectOwner("pool", "inference.networking.k8s.io", "default");

  private static final String HEAD = "apiVersion: llm-d.ai/v1alpha2\nkind: InferenceObjective\n";

  private static ReadObjects<InferenceObjective> read(String text) throws InvalidDocumentException {
    return ObjectivesFile.read(new YamlSource("o.yaml", text), OWNER);
  }

  private static void assertRefused(String text, String... sentences) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(InvalidDocumentException.class)
        .message()
        .satisfies(message -> assertThat(message.lines()).containsExactly(sentences));
  }

  @Test
  void readsOneDocumentForEachObjective() throws InvalidDocumentException {
    ReadObjects<InferenceObjective> read =
        read(
            """
            # who is served first
            apiVersion: llm-d.ai/v1alpha2
            kind: InferenceObjective
            metadata: {name: premium}
            spec: {priority: 10, poolRef: {name: pool}}
            ---
            apiVersion: llm-d.ai/v1alpha2
            kind: InferenceObjective
            metadata: {name: batch}
            spec: {priority: -5}
            ---
            ---
            {"apiVersion": "llm-d.ai/v1alpha2", "kind": "InferenceObjective",
             "metadata": {"name": "plain"}, "spec": {}}
            """);

    assertThat(read.objects())
        .containsExactly(
            new InferenceObjective("premium", 10),
            new InferenceObjective("batch", -5),
            new InferenceObjective("plain", null));
    assertThat(read.remarks()).isEmpty();
  }

  @Test
  void readsWhatKubectlPrints() throws InvalidDocumentException {
    ReadObjects<InferenceObjective> read =
        read(
            """
            apiVersion: v1
            kind: List
            metadata: {resourceVersion: ""}
            items:
            - apiVersion: llm-d.ai/v1alpha2
              kind: InferenceObjective
              metadata:
                annotations: {kubectl.kubernetes.io/last-applied-configuration: "{}"}
                creationTimestamp: "2025-01-31T12:00:00Z"
                generation: 1
                labels: {a: b}
                managedFields: [{manager: kubectl}]
                name: premium
                namespace: default
                resourceVersion: "1234"
                uid: 1b4db7eb-4057-5ddf-91e0-36dec72071f5
              spec:
                poolRef: {group: inference.networking.k8s.io, kind: InferencePool, name: pool}
                priority: 2147483647
              status:
                conditions: [{type: Ready, status: Unknown}]
            """);

    assertThat(read.objects())
        .containsExactly(new InferenceObjective("premium", Integer.MAX_VALUE));
  }

  @Test
  void anEmptyListMeansNoObjectives() throws InvalidDocumentException {
    assertThat(read("{apiVersion: v1, kind: List, items: []}").objects()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing yet\n", "---\n---\n"})
  void anEmptyFileIsRefusedSinceItMayBeOneThatIsBeingWritten(String text) {
    assertRefused(
        text,
        "o.yaml: the file is empty; for none at all write {apiVersion: v1, kind: List, items: []}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "poolRef: {name: other}|it is for pool \"other\" of inference.networking.k8s.io",
        "poolRef: {name: pool, group: x.io}|it is for pool \"pool\" of x.io",
      })
  void objectsOfAnotherPoolAreIgnoredWithARemark(String poolRef, String reason)
      throws InvalidDocumentException {
    ReadObjects<InferenceObjective> read =
        read(HEAD + "metadata: {name: a}\nspec: {" + poolRef + "}\n");

    assertThat(read.objects()).isEmpty();
    assertThat(read.remarks()).containsExactly("InferenceObjective \"a\" is ignored: " + reason);
  }

  @Test
  void objectsOfAnotherNamespaceAreIgnoredWithARemark() throws InvalidDocumentException {
    ReadObjects<InferenceObjective> read =
        read(HEAD + "metadata: {name: a, namespace: elsewhere}\nspec: {}\n");

    assertThat(read.objects()).isEmpty();
    assertThat(read.remarks())
        .containsExactly("InferenceObjective \"a\" is ignored: it is in namespace \"elsewhere\"");
  }

  @Test
  void objectsOfSeveralPoolsMayShareAName() throws InvalidDocumentException {
    String object = HEAD + "metadata: {name: a}\nspec: {priority: %d, poolRef: {name: %s}}\n---\n";

    ReadObjects<InferenceObjective> read =
        read(object.formatted(1, "other") + object.formatted(2, "pool"));

    assertThat(read.objects()).containsExactly(new InferenceObjective("a", 2));
  }

  @Test
  void theLegacyGroupIsTakenWithARemark() throws InvalidDocumentException {
    ReadObjects<InferenceObjective> read =
        read(
            """
            apiVersion: inference.networking.x-k8s.io/v1alpha2
            kind: InferenceObjective
            metadata: {name: a}
            spec: {priority: 1}
            """);

    assertThat(read.objects()).containsExactly(new InferenceObjective("a", 1));
    assertThat(read.remarks())
        .containsExactly(
            "InferenceObjective \"a\": apiVersion inference.networking.x-k8s.io/v1alpha2 is"
                + " deprecated, use llm-d.ai/v1alpha2");
  }

  @Test
  void everyMistakeIsReportedAtItsPlace() {
    assertRefused(
        """
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceObjective
        metadata: {nam: a}
        spec: {prioritee: 2, poolRef: {group: g}}
        ---
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceObjective
        metadata: {name: b}
        spec: {priority: 2147483648}
        ---
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceObjective
        metadata: {name: b}
        spec: {priority: high}
        """,
        "o.yaml:3:11: metadata.name: is required",
        "o.yaml:3:12: metadata.nam: unknown field \"nam\"; did you mean \"name\"?",
        "o.yaml:4:8: spec.prioritee: unknown field \"prioritee\"; did you mean \"priority\"?",
        "o.yaml:4:31: spec.poolRef.name: is required",
        "o.yaml:9:18: spec.priority: must be a whole number within -2147483648 and 2147483647,"
            + " was 2147483648",
        "o.yaml:13:18: metadata.name: another InferenceObjective is called \"b\"",
        "o.yaml:14:18: spec.priority: must be a whole number, was \"high\"");
  }

  @Test
  void anObjectOfAnotherKindOrVersionIsRefused() {
    assertRefused(
        """
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceModelRewrite
        ---
        metadata: {name: a}
        ---
        apiVersion: llm-d.ai/v1
        kind: InferenceObjective
        metadata: {name: a}
        spec: {}
        ---
        - just a list
        """,
        "o.yaml:2:7: kind: must be InferenceObjective, was \"InferenceModelRewrite\"",
        "o.yaml:4:1: kind: must be InferenceObjective, was missing",
        "o.yaml:6:13: apiVersion: must be llm-d.ai/v1alpha2, was \"llm-d.ai/v1\"",
        "o.yaml:11:1: must be a mapping, was a list");
  }

  @Test
  void anObjectWithoutASpecIsRefused() {
    assertRefused(HEAD + "metadata: {name: a}\n", "o.yaml:1:1: spec: is required");
  }

  @Test
  void whatIsNoYamlIsRefusedWithItsPlace() {
    assertThatThrownBy(() -> read(HEAD + "metadata: {name: a\n---\n"))
        .isInstanceOf(InvalidDocumentException.class)
        .hasMessageStartingWith("o.yaml:4:1: not readable as YAML: ");
  }
}
