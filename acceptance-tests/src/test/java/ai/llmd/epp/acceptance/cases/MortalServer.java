package ai.llmd.epp.acceptance.cases;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An idle model server that can die, come back on its port, and fail its requests. */
final class MortalServer implements AutoCloseable {

  private static final byte[] LOAD =
      """
      # TYPE vllm:num_requests_waiting gauge
      vllm:num_requests_waiting{model_name="m"} 0
      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running{model_name="m"} 0
      # TYPE vllm:kv_cache_usage_perc gauge
      vllm:kv_cache_usage_perc{model_name="m"} 0
      """
          .getBytes(StandardCharsets.UTF_8);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger requests = new AtomicInteger();
  private HttpServer http;
  private volatile int status = 200;

  private MortalServer() {
    this.http = start(0);
  }

  static MortalServer start() {
    return new MortalServer();
  }

  private HttpServer start(int port) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 64);
      server.setExecutor(threads);
      server.createContext("/", this::answer);
      server.createContext("/metrics", exchange -> send(exchange, 200, LOAD));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return http.getAddress().getPort();
  }

  /** Requests that reached it, polls aside. */
  int requests() {
    return requests.get();
  }

  /** The status of every further answer; polls are answered with 200 as ever. */
  void answersWith(int newStatus) {
    status = newStatus;
  }

  /** Closes the port and all connections. */
  void die() {
    http.stop(0);
  }

  /** Listens on the same port again. */
  void comeBack() {
    http = start(port());
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    requests.incrementAndGet();
    send(exchange, status, "{}".getBytes(StandardCharsets.UTF_8));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    try (exchange) {
      exchange
          .getResponseHeaders()
          .set("x-inference-port", Integer.toString(exchange.getLocalAddress().getPort()));
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
