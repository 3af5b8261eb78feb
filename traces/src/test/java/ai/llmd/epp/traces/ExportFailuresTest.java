package ai.llmd.epp.traces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.llmd.epp.traces.span.SpanExporter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExportFailuresTest {

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static IOException failure(String protocol, int port) {
    TraceSettings settings =
        new TraceEnvironment(
                "test",
                Map.of(
                    "OTEL_TRACES_EXPORTER",
                    "otlp",
                    "OTEL_EXPORTER_OTLP_PROTOCOL",
                    protocol,
                    "OTEL_EXPORTER_OTLP_TIMEOUT",
                    "10000",
                    "OTEL_EXPORTER_OTLP_ENDPOINT",
                    "http://127.0.0.1:" + port),
                warning -> {})
            .read();
    try (SpanExporter exporter = new SpanExporters(Map.of(), "abc", warning -> {}).of(settings)) {
      new FakeSpans("a").writeTo(exporter.begin());
      return catchThrowableOfType(IOException.class, exporter::export);
    }
  }

  @Test
  void aCollectorThatIsAwayIsNamedOverEitherProtocol() throws IOException {
    for (String protocol : List.of("grpc", "http/protobuf")) {
      assertThat(ExportFailures.reason(failure(protocol, freePort())))
          .as(protocol)
          .contains(protocol.equals("grpc") ? "UNAVAILABLE" : "Connect");
    }
  }

  @Test
  void theRootOfAFailureIsShownAndNoMoreThanALineOfIt() {
    IOException root = new IOException("connection refused");
    Throwable wrapped = new Exception(new IllegalStateException("UNAVAILABLE", root));

    assertThat(ExportFailures.reason(wrapped))
        .isEqualTo("java.lang.IllegalStateException: UNAVAILABLE: connection refused");
    assertThat(ExportFailures.reason(new IOException("x".repeat(10_000)))).hasSizeLessThan(400);
    assertThat(ExportFailures.reason(new Exception((String) null)))
        .isEqualTo("the collector answered with an error");
  }
}
