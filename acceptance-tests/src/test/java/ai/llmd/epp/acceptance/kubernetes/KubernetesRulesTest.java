package ai.llmd.epp.acceptance.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.k8s.LlmdKinds;
import ai.llmd.epp.adapter.k8s.api.InferenceModelRewriteResource;
import ai.llmd.epp.adapter.k8s.api.InferenceObjectiveResource;
import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ai.llmd.epp.adapter.k8s.server.Pods;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Objectives and rewrites, from objects in the API server to requests that are routed. */
class KubernetesRulesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;
  private final ApiServer server = ApiServer.withHistory();
  private final ModelServer model = ModelServer.loaded("m", 1, 0.5);

  @BeforeEach
  void createPool() {
    LlmdKinds.install(server);
    put(
        InferencePool.class,
        """
        apiVersion: inference.networking.k8s.io/v1
        kind: InferencePool
        metadata: {name: llama, namespace: serving}
        spec:
          selector: {matchLabels: {app: vllm}}
          targetPorts: [{number: %d}]
          endpointPickerRef: {name: epp, port: {number: 9002}}
        """
            .formatted(model.port()));
    server.client().resource(Pods.ready("pod-1", "127.0.0.1", Pods.LABELS)).create();
  }

  @AfterEach
  void close() {
    model.close();
    server.close();
  }

  private <T extends HasMetadata> void put(Class<T> kind, String yaml) {
    T object =
        server
            .client()
            .resources(kind)
            .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
            .item();
    server.client().resource(object).createOr(existing -> existing.update());
  }

  private void putRewrite(String target) {
    put(
        InferenceModelRewriteResource.class,
        """
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceModelRewrite
        metadata: {name: canary, namespace: serving}
        spec:
          poolRef: {name: llama}
          rules:
          - matches: [{model: {value: asked}}]
            targets: [{modelRewrite: %s, weight: 1}]
        """
            .formatted(target));
  }

  private void putObjective(int priority) {
    put(
        InferenceObjectiveResource.class,
        """
        apiVersion: llm-d.ai/v1alpha2
        kind: InferenceObjective
        metadata: {name: batch, namespace: serving}
        spec: {priority: %d, poolRef: {name: llama}}
        """
            .formatted(priority));
  }

  private RunningPicker picker() {
    RunningPicker picker =
        RunningPicker.inKubernetes(
            Map.of("KUBECONFIG", server.kubeconfig(folder).toString()),
            "--pool-name=llama",
            "--pool-namespace=serving",
            "--metrics-endpoint-auth=false");
    picker.awaitFresh(1);
    return picker;
  }

  /** What the model server would get. */
  private static String routed(RunningPicker picker) {
    Dialogue dialogue =
        Asking.open(
            picker,
            Map.of("x-llm-d-inference-objective", "batch"),
            Asking.completion("asked", "hello"));
    String body = Asking.routed(dialogue).bodyText();
    dialogue.halfClose().end();
    return body;
  }

  private static void awaitModel(RunningPicker picker, String name) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(routed(picker)).contains("\"model\":\"" + name + '"'));
  }

  private static JsonNode lastDecision(RunningPicker picker) {
    return JsonMapper.shared().readTree(picker.get("/debug/decisions?n=1").body()).get(0);
  }

  private static void awaitPriority(RunningPicker picker, int priority, boolean isKnown) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              routed(picker);
              JsonNode decision = lastDecision(picker);
              assertThat(decision.get("priority").asInt()).isEqualTo(priority);
              assertThat(decision.at("/objective/name").asString()).isEqualTo("batch");
              assertThat(decision.at("/objective/isKnown").asBoolean()).isEqualTo(isKnown);
            });
  }

  @Test
  void rewritesModelsByTheCurrentObject() {
    putRewrite("first");
    try (RunningPicker picker = picker()) {
      awaitModel(picker, "first");
      assertThat(lastDecision(picker).toString()).contains("canary");

      putRewrite("second");
      awaitModel(picker, "second");

      delete(InferenceModelRewriteResource.class, "canary");
      awaitModel(picker, "asked");
    }
  }

  private void delete(Class<? extends HasMetadata> kind, String name) {
    server.client().resources(kind).inNamespace(Pods.NAMESPACE).withName(name).delete();
  }

  @Test
  void ranksRequestsByTheirCurrentObjective() {
    putObjective(7);
    try (RunningPicker picker = picker()) {
      awaitPriority(picker, 7, true);

      putObjective(3);
      awaitPriority(picker, 3, true);

      delete(InferenceObjectiveResource.class, "batch");
      awaitPriority(picker, 0, false);
    }
  }
}
