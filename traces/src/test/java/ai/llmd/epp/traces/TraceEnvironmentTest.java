package ai.llmd.epp.traces;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.traces.TraceSettings.Exporter;
import ai.llmd.epp.traces.TraceSettings.Protocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceEnvironmentTest {

  private final List<String> warnings = new ArrayList<>();

  private TraceSettings read(String... namesAndValues) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      variables.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new TraceEnvironment("llm-d-epp", variables, warnings::add).read();
  }

  @Test
  void withoutAVariableNothingIsExported() {
    TraceSettings settings = read();

    assertThat(settings.exporter()).isEqualTo(Exporter.NONE);
    assertThat(settings.ratio()).isEqualTo(0.1);
    assertThat(settings.resource()).isEqualTo(Map.of("service.name", "llm-d-epp"));
    assertThat(settings.otlp().endpoint()).hasToString("http://localhost:4317");
    assertThat(settings.queue()).isEqualTo(SpanQueue.Limits.DEFAULT);
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"none, NONE, 0", "console, CONSOLE, 0", "otlp, OTLP, 0", "zipkin, NONE, 1"})
  void theExporterIsKnownByItsName(String name, Exporter exporter, int complaints) {
    assertThat(read("OTEL_TRACES_EXPORTER", name).exporter()).isEqualTo(exporter);
    assertThat(warnings).hasSize(complaints);
  }

  @Test
  void theSdkCanBeTurnedOff() {
    assertThat(read("OTEL_TRACES_EXPORTER", "otlp", "OTEL_SDK_DISABLED", "true").exporter())
        .isEqualTo(Exporter.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "parentbased_traceidratio, 0.5, 0.5, 0",
    "'', 1, 1, 0",
    "'', 7, 1, 0",
    "'', -1, 0, 0",
    "'', much, 0.1, 1",
    "'', NaN, 0.1, 1",
    "always_on, 0.5, 0.1, 1",
  })
  void theRatioIsTheReferences(String sampler, String argument, double ratio, int complaints) {
    TraceSettings settings =
        read("OTEL_TRACES_SAMPLER", sampler, "OTEL_TRACES_SAMPLER_ARG", argument);

    assertThat(settings.ratio()).isEqualTo(ratio);
    assertThat(warnings).hasSize(complaints);
  }

  @Test
  void theServicesNameCountsBeforeTheResources() {
    TraceSettings settings =
        read(
            "OTEL_SERVICE_NAME", "mine",
            "OTEL_RESOURCE_ATTRIBUTES", "service.name=other,zone=a%20b,broken,=x");

    assertThat(settings.resource()).isEqualTo(Map.of("service.name", "mine", "zone", "a b"));
    assertThat(warnings).hasSize(2).allMatch(warning -> warning.contains("name=value"));
  }

  @ParameterizedTest
  @CsvSource({
    "grpc, http://collector:4317, '', http://collector:4317",
    "grpc, https://collector:4317/, '', https://collector:4317",
    "grpc, collector:4317, true, http://collector:4317",
    "grpc, collector:4317, '', https://collector:4317",
    "grpc, '', false, https://localhost:4317",
    "http/protobuf, http://collector:4318, '', http://collector:4318/v1/traces",
    "http/protobuf, http://collector/base/, '', http://collector/base/v1/traces",
    "http/protobuf, '', '', http://localhost:4318/v1/traces",
    "grpc, ftp://collector, '', https://localhost:4317",
    "grpc, http://[, '', https://localhost:4317",
  })
  void theEndpointNeedNoScheme(String protocol, String given, String insecure, String endpoint) {
    TraceSettings settings =
        read(
            "OTEL_EXPORTER_OTLP_PROTOCOL", protocol,
            "OTEL_EXPORTER_OTLP_ENDPOINT", given,
            "OTEL_EXPORTER_OTLP_INSECURE", insecure);

    assertThat(settings.otlp().endpoint()).hasToString(endpoint);
  }

  @Test
  void theVariableOfTracesCountsBeforeThatOfAllSignals() {
    TraceSettings settings =
        read(
            "OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4318",
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4318/path",
            "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf",
            "OTEL_EXPORTER_OTLP_HEADERS", "a=1",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=x%2Cy+z",
            "OTEL_EXPORTER_OTLP_TIMEOUT", "1",
            "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "250",
            "OTEL_EXPORTER_OTLP_COMPRESSION", "none",
            "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip",
            "OTEL_EXPORTER_OTLP_CERTIFICATE", "/all.pem",
            "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/traces.pem");

    assertThat(settings.otlp().endpoint()).hasToString("http://traces:4318/path");
    assertThat(settings.otlp().protocol()).isEqualTo(Protocol.HTTP);
    assertThat(settings.otlp().headers()).isEqualTo(Map.of("b", "x,y+z"));
    assertThat(settings.otlp().timeout()).isEqualTo(Duration.ofMillis(250));
    assertThat(settings.otlp().isCompressed()).isTrue();
    assertThat(settings.otlp().authority()).isEqualTo(Path.of("/traces.pem"));
    assertThat(settings.otlp().toString()).doesNotContain("x,y");
    assertThat(warnings).isEmpty();
  }

  @Test
  void theQueueIsBoundedAndABatchFitsIntoIt() {
    SpanQueue.Limits limits =
        read(
                "OTEL_BSP_MAX_QUEUE_SIZE", "100",
                "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5000",
                "OTEL_BSP_SCHEDULE_DELAY", "-1",
                "OTEL_BSP_EXPORT_TIMEOUT", "soon")
            .queue();

    assertThat(limits)
        .isEqualTo(new SpanQueue.Limits(100, 100, Duration.ofSeconds(5), Duration.ofSeconds(30)));
    assertThat(warnings).hasSize(2);
  }

  @Test
  void whatCannotBeUsedIsNamed() {
    read(
        "OTEL_EXPORTER_OTLP_PROTOCOL", "http/json",
        "OTEL_EXPORTER_OTLP_COMPRESSION", "zstd",
        "OTEL_EXPORTER_OTLP_TIMEOUT", "long");

    assertThat(warnings)
        .anyMatch(warning -> warning.contains("http/json"))
        .anyMatch(warning -> warning.contains("zstd"))
        .anyMatch(warning -> warning.contains("OTEL_EXPORTER_OTLP_TIMEOUT"));
  }

  /** The first is how headers are written elsewhere; a name may hold a credential then. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Bearer secret==",
        "name=secret%0Aother",
        "name=secr%C3%A9t",
        "key-bin=secret"
      })
  void headersThatCannotBeSentAreReportedWithoutTheirText(String headers) {
    TraceSettings settings =
        read("OTEL_EXPORTER_OTLP_HEADERS", headers + ",authorization=Bearer%20t");

    assertThat(settings.otlp().headers()).isEqualTo(Map.of("authorization", "Bearer t"));
    assertThat(warnings)
        .containsExactly(
            "OTEL_EXPORTER_OTLP_HEADERS: an entry has a name or a value that no header can have,"
                + " and is left out");
  }
}
