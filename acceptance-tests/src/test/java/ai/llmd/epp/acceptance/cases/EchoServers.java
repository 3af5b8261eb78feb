package ai.llmd.epp.acceptance.cases;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/** Idle model servers that answer every request with 200 and the bytes of its body. */
final class EchoServers implements AutoCloseable {

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
  private final List<HttpServer> servers;

  private EchoServers(int count) {
    this.servers = Stream.generate(this::start).limit(count).toList();
  }

  static EchoServers start(int count) {
    return new EchoServers(count);
  }

  private HttpServer start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
      server.setExecutor(threads);
      server.createContext("/", EchoServers::echo);
      server.createContext("/metrics", exchange -> answer(exchange, "text/plain", LOAD));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void echo(HttpExchange exchange) throws IOException {
    answer(exchange, "application/json", exchange.getRequestBody().readAllBytes());
  }

  private static void answer(HttpExchange exchange, String type, byte[] body) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", type);
      exchange
          .getResponseHeaders()
          .set("x-inference-port", Integer.toString(exchange.getLocalAddress().getPort()));
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  List<Integer> ports() {
    return servers.stream().map(server -> server.getAddress().getPort()).toList();
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    threads.shutdownNow();
  }
}
