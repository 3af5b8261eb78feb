package ai.llmd.epp.traces.otlp;

import io.netty.handler.ssl.JdkSslContext;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where spans go.
 *
 * @param endpoint with a scheme; of HTTP the whole path
 * @param headers sent with every export; may hold credentials
 * @param timeout of one export, with its retries
 * @param tls of an https endpoint with keys or authorities of its own; null for the machine's
 */
public record Collector(
    URI endpoint,
    Map<String, String> headers,
    Duration timeout,
    boolean isCompressed,
    @Nullable JdkSslContext tls) {

  public Collector {
    headers = Map.copyOf(headers);
  }

  boolean isSecure() {
    return "https".equalsIgnoreCase(endpoint.getScheme());
  }

  /** Without the headers. */
  @Override
  public String toString() {
    return endpoint.toString();
  }
}
