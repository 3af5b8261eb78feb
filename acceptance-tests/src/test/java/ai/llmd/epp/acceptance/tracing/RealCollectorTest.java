package ai.llmd.epp.acceptance.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.acceptance.stack.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The OpenTelemetry Collector itself takes the spans of a request, where {@code OTELCOL_HOME} names
 * the folder that {@code src/test/scripts/real-collector/install} built it in.
 */
class RealCollectorTest {

  private static final String HOME = "OTELCOL_HOME";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void takesTheSpansOfARequest(String protocol) throws Exception {
    Optional<String> home = Optional.ofNullable(System.getenv(HOME));
    assumeTrue(
        home.isPresent(), HOME + " is not set: src/test/scripts/real-collector/install builds one");
    int port = FreePorts.one();
    Path log = folder.resolve("log");
    Process collector = start(Path.of(home.orElseThrow()), protocol.substring(0, 4), port, log);
    try (ModelServer idle = ModelServer.start("idle", "127.0.0.1").reports(0, 1, 0.25);
        ModelServer busy = ModelServer.start("busy", "127.0.0.2").reports(8, 2, 0.5)) {
      await().until(() -> !collector.isAlive() || isListening(port));
      assertThat(collector.isAlive()).as(Files.readString(log)).isTrue();
      try (RunningPicker picker =
          RunningPicker.start(
              environment(protocol, port), TracesTest.CONFIGURATION, List.of(idle, busy))) {
        TracesTest.answered(picker, TracesTest.TO_TWO_OF_THREE);

        await()
            .untilAsserted(
                () ->
                    assertThat(Files.readString(log))
                        .contains(
                            "service.name: Str(llm-d-epp)",
                            "InstrumentationScope llm-d-router/pkg/epp/handlers")
                        .containsPattern(
                            "Trace ID +: "
                                + TracesTest.TRACE
                                + "\\s+Parent ID +: b7ad6b7169203331\\s+ID +: \\w+\\s+"
                                + "Name +: gateway\\.request\\s+Kind +: Server")
                        .containsPattern("Name +: pick_endpoints\\s+Kind +: Internal"));
      }
    } finally {
      collector.destroy();
      collector.waitFor();
    }
  }

  private Process start(Path home, String protocol, int port, Path log) throws IOException {
    Path configuration =
        Files.writeString(
            folder.resolve("collector.yaml"),
            """
            receivers:
              otlp: {protocols: {%s: {endpoint: "127.0.0.1:%d"}}}
            exporters:
              debug: {verbosity: detailed}
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                traces: {receivers: [otlp], exporters: [debug]}
            """
                .formatted(protocol, port));
    return new ProcessBuilder(
            home.resolve("otelcol").toString(), "--config", "file:" + configuration)
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static Map<String, String> environment(String protocol, int port) {
    return Map.of(
        "OTEL_TRACES_EXPORTER",
        "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        protocol,
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://127.0.0.1:" + port,
        "OTEL_BSP_SCHEDULE_DELAY",
        "50");
  }

  private static boolean isListening(int port) {
    try (Socket open = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return open.isConnected();
    } catch (IOException e) {
      return false; // not yet
    }
  }
}
