package ai.llmd.epp.acceptance.inprocess;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A model server of which only the metrics page works, on a free port. */
public final class ModelServer implements AutoCloseable {

  private final String name;
  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger scrapes = new AtomicInteger();
  private volatile HttpHandler page = exchange -> exchange.sendResponseHeaders(503, -1);

  private ModelServer(String name, HttpServer http) {
    this.name = name;
    this.http = http;
  }

  /** Serves on an address of this machine. */
  public static ModelServer start(String name, String address) {
    try {
      HttpServer http = HttpServer.create(new InetSocketAddress(address, 0), 64);
      ModelServer server = new ModelServer(name, http);
      http.setExecutor(server.threads);
      http.createContext("/metrics", server::serve);
      http.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Serves on the usual address, with a load. */
  public static ModelServer loaded(
      String name, int waiting, double kvCacheUsage, String... activeAdapters) {
    return start(name, "127.0.0.1").reports(waiting, 0, kvCacheUsage, activeAdapters);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      scrapes.incrementAndGet();
      page.handle(exchange);
    }
  }

  /** What the page shows from now on, in vLLM's words; two adapters at most at a time. */
  public ModelServer reports(
      int waiting, int running, double kvCacheUsage, String... activeAdapters) {
    String load =
        """
        # TYPE vllm:num_requests_waiting gauge
        vllm:num_requests_waiting{model_name="m"} %d
        # TYPE vllm:num_requests_running gauge
        vllm:num_requests_running{model_name="m"} %d
        # TYPE vllm:kv_cache_usage_perc gauge
        vllm:kv_cache_usage_perc{model_name="m"} %s
        # TYPE vllm:lora_requests_info gauge
        vllm:lora_requests_info{max_lora="2",running_lora_adapters="%s",waiting_lora_adapters=""} 1
        """
            .formatted(waiting, running, kvCacheUsage, String.join(",", activeAdapters));
    return answers(
        exchange -> {
          byte[] text = load.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, text.length);
          exchange.getResponseBody().write(text);
        });
  }

  /** How the page behaves from now on. */
  public ModelServer answers(HttpHandler newPage) {
    page = newPage;
    return this;
  }

  /** How often the page was asked for. */
  public int scrapes() {
    return scrapes.get();
  }

  public String name() {
    return name;
  }

  public int port() {
    return http.getAddress().getPort();
  }

  /** Address and port, as the picker names the server. */
  public String hostPort() {
    return http.getAddress().getAddress().getHostAddress() + ":" + port();
  }

  /** The server's entry in an endpoints file. */
  public String entry() {
    return "{name: %s, address: %s, port: '%d'}"
        .formatted(name, http.getAddress().getAddress().getHostAddress(), port());
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
