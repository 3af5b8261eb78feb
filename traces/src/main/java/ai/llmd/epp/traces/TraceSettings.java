package ai.llmd.epp.traces;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How traces are made, and where they go.
 *
 * @param ratio of the requests without a trace context that are recorded, within {@code [0, 1]}
 * @param resource attributes of the program, {@code service.name} among them
 */
record TraceSettings(
    Exporter exporter,
    double ratio,
    Map<String, String> resource,
    Otlp otlp,
    SpanQueue.Limits queue) {

  TraceSettings {
    resource = Map.copyOf(resource);
  }

  /** Where spans go. */
  enum Exporter {
    NONE,
    CONSOLE,
    OTLP
  }

  /** How a collector is spoken to. */
  enum Protocol {
    GRPC,
    HTTP
  }

  /**
   * A collector.
   *
   * @param endpoint with a scheme; of HTTP the whole path
   * @param headers sent with every export; may hold credentials
   * @param timeout of one export, with its retries
   * @param authority PEM of the authorities that the collector's certificate comes from; null for
   *     those of the machine
   * @param clientKey PEM; null when the client shows no certificate
   * @param clientCertificate PEM; null when the client shows none
   */
  record Otlp(
      Protocol protocol,
      URI endpoint,
      Map<String, String> headers,
      Duration timeout,
      boolean isCompressed,
      @Nullable Path authority,
      @Nullable Path clientKey,
      @Nullable Path clientCertificate) {

    Otlp {
      headers = Map.copyOf(headers);
    }

    /** Without the headers. */
    @Override
    public String toString() {
      return protocol + " " + endpoint;
    }
  }
}
