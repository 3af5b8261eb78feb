package ai.llmd.epp.acceptance.cases;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/** What the model servers of these cases have in common: they are idle, and say who answers. */
final class IdleServer {

  /** Their metrics page. */
  static final String METRICS =
      """
      # TYPE vllm:num_requests_waiting gauge
      vllm:num_requests_waiting{model_name="m"} 0
      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running{model_name="m"} 0
      # TYPE vllm:kv_cache_usage_perc gauge
      vllm:kv_cache_usage_perc{model_name="m"} 0
      """;

  private IdleServer() {}

  /**
   * Serves on this machine.
   *
   * @param port 0 for a free one
   * @param requests answers everything but the metrics page
   */
  static HttpServer start(int port, Executor threads, HttpHandler requests) {
    byte[] metrics = METRICS.getBytes(StandardCharsets.UTF_8);
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
      server.setExecutor(threads);
      server.createContext("/", requests);
      server.createContext("/metrics", exchange -> answer(exchange, 200, "text/plain", metrics));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers, and names the server in {@code x-inference-port}. */
  static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange
          .getResponseHeaders()
          .set("x-inference-port", Integer.toString(exchange.getLocalAddress().getPort()));
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
