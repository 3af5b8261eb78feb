package ai.llmd.epp.acceptance.process;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.MetricsText;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ai.llmd.epp.bootstrap.Checkout;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The example plugin, built by Maven on its own, in the distribution as it is shipped. */
@SuppressWarnings("InlineFormatString") // a document of many lines reads better apart
class ExternalPluginIT {

  private static final int REQUESTS = 20; // chance alone sends them all one way once in a million

  private static final String CONFIGURATION =
      """
      apiVersion: llm-d.ai/v1alpha1
      kind: EndpointPickerConfig
      plugins:
      - type: file-discovery
        parameters: {path: %s}
      - name: cheap-first
        type: price-scorer
        parameters:
          prices: {reserved: 0, spot: 1, on-demand: 4}
      schedulingProfiles:
      - name: default
        plugins:
        - {pluginRef: cheap-first, weight: 2}
      dataLayer:
        discovery: {pluginRef: file-discovery}
      """;

  @TempDir static Path build;
  private static Path jar;

  @TempDir Path folder;
  private final ModelServer dear = ModelServer.loaded("dear", 0, 0.1);
  private final ModelServer cheap = ModelServer.loaded("cheap", 0, 0.1);

  @BeforeAll
  static void buildTheExample() throws Exception {
    jar = new ExampleBuild(Checkout.ROOT, build).jar();
  }

  @AfterEach
  void stop() {
    dear.close();
    cheap.close();
  }

  private Path configuration() throws IOException {
    Path endpoints =
        Files.writeString(
            folder.resolve("endpoints.yaml"),
            """
            endpoints:
            - {name: dear, address: 127.0.0.1, port: "%d", labels: {capacity: on-demand}}
            - {name: cheap, address: 127.0.0.1, port: "%d", labels: {capacity: spot}}
            """
                .formatted(dear.port(), cheap.port()));
    return Configurations.write(folder, CONFIGURATION.formatted(endpoints));
  }

  @Test
  void decidesWhereRequestsGo() throws Exception {
    try (EppProgram epp =
        EppProgram.start(
            folder,
            "--plugin-path=" + jar,
            "--config-file=" + configuration(),
            "--pool-name=p",
            "--secure-serving=false",
            "--grpc-port=0",
            "--grpc-health-port=0",
            "--metrics-port=0")) {
      epp.awaitServing();
      assertThat(epp.err()).containsOnlyOnce("\"msg\":\"plugin jar loaded\"");
      assertThat(epp.err()).contains("\"jar\":\"" + jar + '"', "\"types\":\"price-scorer\"");

      route(epp.port("grpcPort"));

      JsonNode profile = new ObjectMapper().readTree(decision(epp)).get(0).get("profiles").get(0);
      JsonNode scorer = profile.get("scorers").get(0);
      assertThat(scorer.get("plugin").asString()).isEqualTo("cheap-first");
      assertThat(scorer.get("type").asString()).isEqualTo("price-scorer");
      assertThat(scorer.get("weight").asDouble()).isEqualTo(2);
      assertThat(profile.get("shown"))
          .extracting(shown -> shown.get("endpoint").asString() + shown.get("scores"))
          .containsExactlyInAnyOrder(
              "default/dear{\"cheap-first\":0.0}", "default/cheap{\"cheap-first\":1.0}");
      assertThat(
              new MetricsText(get(epp, "/metrics"))
                  .sum(
                      "llm_d_epp_plugin_duration_seconds_count",
                      "plugin_type=\"price-scorer\"",
                      "plugin_name=\"cheap-first\""))
          .isEqualTo(REQUESTS);
    }
  }

  private void route(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    try {
      for (int i = 0; i < REQUESTS; i++) {
        Dialogue dialogue = Dialogue.open(channel);
        dialogue.send(Asking.headers(false, Map.of()));
        dialogue.send(Messages.requestBody(Asking.completion("m", "hello"), true));
        assertThat(Asking.routed(dialogue).destination()).isEqualTo(cheap.hostPort());
        dialogue.halfClose().end();
      }
    } finally {
      channel.shutdownNow();
    }
  }

  private static String decision(EppProgram epp) throws Exception {
    return get(epp, "/debug/decisions?n=1");
  }

  private static String get(EppProgram epp, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + epp.port("metricsPort") + path);
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void isCheckedByValidate() throws Exception {
    String flag = "--config-file=" + configuration();

    assertThat(validate(flag, "--plugin-path=" + jar)).isZero();
    assertThat(validate(flag)).isEqualTo(1);
    assertThat(validate(flag, "--plugin-path=" + jar, "--plugin-path=missing.jar")).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("err.txt")))
        .contains("--plugin-path: missing.jar: does not exist");
  }

  private int validate(String... flags) throws Exception {
    List<String> all = new ArrayList<>(List.of("--validate", "--pool-name=p"));
    all.addAll(List.of(flags));
    try (EppProgram epp = EppProgram.start(folder, all.toArray(String[]::new))) {
      return epp.exitCode();
    }
  }
}
