package ai.llmd.epp.acceptance.scenario;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A picker that chooses among clusters, by what their own pickers show. */
class OtherClustersTest {

  @TempDir private Path folder;

  private final List<ModelServer> pickers =
      List.of(ModelServer.start("east", "127.0.0.1"), ModelServer.start("west", "127.0.0.1"));

  @SuppressWarnings("NullAway.Init") // the test starts it
  private RunningPicker picker;

  @AfterEach
  void stop() {
    picker.close();
    pickers.forEach(ModelServer::close);
  }

  private void queues(int east, int west) {
    show(pickers.get(0), east);
    show(pickers.get(1), west);
  }

  private static void show(ModelServer cluster, int queue) {
    byte[] page =
        """
        # TYPE llm_d_epp_average_queue_size gauge
        llm_d_epp_average_queue_size{name="pool"} %d
        # TYPE llm_d_epp_average_kv_cache_utilization gauge
        llm_d_epp_average_kv_cache_utilization{name="pool"} 0.5
        """
            .formatted(queue)
            .getBytes(StandardCharsets.UTF_8);
    cluster.answers(
        exchange -> {
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
        });
  }

  private void awaitDestination(String expected) {
    await()
        .untilAsserted(
            () ->
                assertThat(
                        Asking.route(
                                picker,
                                Map.of(":path", "/v1/completions"),
                                completion("m", "hello"))
                            .destination())
                    .isEqualTo(expected));
  }

  @Test
  void prefersTheClusterWithTheShorterQueue() throws IOException {
    Path clusters =
        Files.writeString(
            folder.resolve("clusters.yaml"),
            """
            endpoints:
            - name: east
              address: gateway.east.example
              port: "443"
              labels: {metricsAddress: localhost, metricsPort: "%d"}
            - name: west
              address: gateway.west.example
              port: "8443"
              labels: {metricsAddress: 127.0.0.1, metricsPort: "%d"}
            """
                .formatted(pickers.get(0).port(), pickers.get(1).port()));
    queues(7, 2);
    picker =
        RunningPicker.startUnawares(
            """
            apiVersion: llm-d.ai/v1alpha1
            kind: EndpointPickerConfig
            plugins:
            - {name: clusters, type: multicluster-file-discovery, parameters: {path: %s}}
            - {type: multicluster-metrics-data-source, parameters: {scheme: http}}
            - {type: multicluster-metrics-extractor}
            - {type: multicluster-queue-scorer}
            - {type: max-score-picker}
            schedulingProfiles:
            - name: default
              plugins: [{pluginRef: multicluster-queue-scorer}, {pluginRef: max-score-picker}]
            dataLayer:
              injectDefaults: false
              discovery: {pluginRef: clusters}
              sources:
              - pluginRef: multicluster-metrics-data-source
                extractors: [{pluginRef: multicluster-metrics-extractor}]
            """
                .formatted(clusters),
            List.of(),
            "--allow-experimental-plugins");

    awaitDestination("gateway.west.example:8443");
    queues(1, 2);
    awaitDestination("gateway.east.example:443");
  }
}
