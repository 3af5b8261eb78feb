package ai.llmd.epp.acceptance.cases;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
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

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer http;
  private volatile List<String> chunks = List.of();

  private ScriptedServer() {
    this.http = IdleServer.start(0, threads, this::answer);
  }

  static ScriptedServer start() {
    return new ScriptedServer();
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
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
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
