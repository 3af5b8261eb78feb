package ai.llmd.epp.traces;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.traces.span.SpanExporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpanExportersTest {

  private final List<String> warnings = new ArrayList<>();

  private SpanExporter exporter(Map<String, String> environment) {
    TraceSettings settings = new TraceEnvironment("llm-d-epp", environment, warnings::add).read();
    return new SpanExporters(Map.of(), "abc", warnings::add).of(settings);
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void filesThatAreNoPemAreReportedAndLeftOut(String protocol, @TempDir Path folder)
      throws IOException {
    String file = Files.writeString(folder.resolve("file.pem"), "not PEM").toString();

    SpanExporter exporter =
        exporter(
            Map.of(
                "OTEL_TRACES_EXPORTER", "otlp",
                "OTEL_EXPORTER_OTLP_PROTOCOL", protocol,
                "OTEL_EXPORTER_OTLP_ENDPOINT", "https://127.0.0.1:1",
                "OTEL_EXPORTER_OTLP_CERTIFICATE", file,
                "OTEL_EXPORTER_OTLP_CLIENT_KEY", file,
                "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", file));

    assertThat(exporter).isNotNull();
    assertThat(warnings)
        .containsExactly(
            "OTEL_EXPORTER_OTLP_CERTIFICATE: no PEM that can be used; left out",
            "OTEL_EXPORTER_OTLP_CLIENT_KEY and _CLIENT_CERTIFICATE: no PEM that can be used;"
                + " left out");
    exporter.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc", "http/protobuf"})
  void aFileThatIsNotThereIsReportedAndLeftOut(String protocol) {
    SpanExporter exporter =
        exporter(
            Map.of(
                "OTEL_TRACES_EXPORTER", "otlp",
                "OTEL_EXPORTER_OTLP_PROTOCOL", protocol,
                "OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem"));

    assertThat(exporter).isNotNull();
    assertThat(warnings)
        .containsExactly("OTEL_EXPORTER_OTLP: /nowhere/ca.pem cannot be read, and is left out");
    exporter.close();
  }
}
