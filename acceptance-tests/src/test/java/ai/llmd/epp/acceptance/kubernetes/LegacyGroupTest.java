package ai.llmd.epp.acceptance.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.k8s.LlmdKinds;
import ai.llmd.epp.adapter.k8s.api.InferencePool;
import ai.llmd.epp.adapter.k8s.api.LegacyInferenceObjectiveResource;
import ai.llmd.epp.adapter.k8s.server.ApiServer;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What the log says where the CRDs of both groups are installed, as {@code deploy/crds} does. */
class LegacyGroupTest {

  private static final String LEGACY = "inference.networking.x-k8s.io";
  private static final String IGNORED =
      "objects in " + LEGACY + " are ignored, since llm-d.ai is installed";

  @TempDir Path folder;
  private final ApiServer server = new ApiServer();
  private final Logger logger = (Logger) LoggerFactory.getLogger("ai.llmd.epp.adapter.k8s");
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

  @BeforeEach
  void install() {
    logged.start();
    logger.addAppender(logged);
    LlmdKinds.install(server);
    LlmdKinds.install(server, LEGACY);
    put(
        InferencePool.class,
        """
        apiVersion: inference.networking.k8s.io/v1
        kind: InferencePool
        metadata: {name: llama, namespace: serving}
        spec:
          selector: {matchLabels: {app: vllm}}
          targetPorts: [{number: 8000}]
          endpointPickerRef: {name: epp, port: {number: 9002}}
        """);
  }

  @AfterEach
  void close() {
    logger.detachAppender(logged);
    server.close();
  }

  @Test
  void isSilentWhereTheOlderGroupHasNoObjects() {
    assertThat(warningsOfAStart()).isEmpty();
  }

  @Test
  void tellsOnceThatOlderObjectsAreIgnored() {
    put(
        LegacyInferenceObjectiveResource.class,
        """
        apiVersion: inference.networking.x-k8s.io/v1alpha2
        kind: InferenceObjective
        metadata: {name: gold, namespace: serving}
        spec: {priority: 1, poolRef: {name: llama}}
        """);

    assertThat(warningsOfAStart()).containsExactly(IGNORED);
  }

  private List<String> warningsOfAStart() {
    try (RunningPicker picker =
        RunningPicker.inKubernetes(
            Map.of("KUBECONFIG", server.kubeconfig(folder).toString()),
            "--pool-name=llama",
            "--pool-namespace=serving",
            "--metrics-endpoint-auth=false")) {
      await()
          .untilAsserted(
              () -> assertThat(picker.get("/readyz").body().lines()).first().isEqualTo("ok"));
    }
    return logged.list.stream()
        .map(ILoggingEvent::getFormattedMessage)
        .filter(message -> message.contains(LEGACY))
        .toList();
  }

  private <T extends HasMetadata> void put(Class<T> kind, String yaml) {
    T object =
        server
            .client()
            .resources(kind)
            .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
            .item();
    server.client().resource(object).create();
  }
}
