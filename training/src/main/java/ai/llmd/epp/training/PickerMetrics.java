package ai.llmd.epp.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The metrics page of a model server under some load, on a free port. */
final class PickerMetrics implements AutoCloseable {

  private static final byte[] TEXT =
      """
      # TYPE vllm:num_requests_waiting gauge
      vllm:num_requests_waiting{model_name="m"} 1
      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running{model_name="m"} 0
      # TYPE vllm:kv_cache_usage_perc gauge
      vllm:kv_cache_usage_perc{model_name="m"} 0.25
      # TYPE vllm:lora_requests_info gauge
      vllm:lora_requests_info{max_lora="2",running_lora_adapters="",waiting_lora_adapters=""} 1
      """
          .getBytes(StandardCharsets.UTF_8);

  private final HttpServer http;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  private PickerMetrics(HttpServer http) {
    this.http = http;
  }

  static PickerMetrics serve() throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    PickerMetrics page = new PickerMetrics(HttpServer.create(address, 0));
    page.http.setExecutor(page.threads);
    page.http.createContext("/metrics", PickerMetrics::answer);
    page.http.start();
    return page;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
      exchange.sendResponseHeaders(200, TEXT.length);
      exchange.getResponseBody().write(TEXT);
    }
  }

  /** The server's entry in an endpoints file. */
  String entry() {
    int port = http.getAddress().getPort();
    return "{name: s%1$d, address: 127.0.0.1, port: '%1$d'}".formatted(port);
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
