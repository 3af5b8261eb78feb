package ai.llmd.epp.acceptance.cases;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** A model server that answers every request with the same chunks, and has an idle metrics page. */
final class ScriptedServer implements AutoCloseable {

  /** Time between two chunks, so that they travel one by one. */
  private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

  private static final String IDLE =
      """
      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running{engine="0",model_name="m"} 0
      # TYPE vllm:num_requests_waiting gauge
      vllm:num_requests_waiting{engine="0",model_name="m"} 0
      # TYPE vllm:kv_cache_usage_perc gauge
      vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0
      """;

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile List<String> chunks = List.of();

  private ScriptedServer(HttpServer http) {
    this.http = http;
  }

  static ScriptedServer start() throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    ScriptedServer server = new ScriptedServer(http);
    http.setExecutor(server.threads);
    http.createContext("/", server::answer);
    http.createContext("/metrics", exchange -> send(exchange, "text/plain", List.of(IDLE)));
    http.start();
    return server;
  }

  int port() {
    return http.getAddress().getPort();
  }

  /** What every request is answered with from now on, as an event stream. */
  void answers(List<String> newChunks) {
    chunks = newChunks;
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    send(exchange, "text/event-stream; charset=utf-8", chunks);
  }

  private static void send(HttpExchange exchange, String type, List<String> chunks)
      throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      for (String chunk : chunks) {
        out.write(chunk.getBytes(StandardCharsets.UTF_8));
        out.flush();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
