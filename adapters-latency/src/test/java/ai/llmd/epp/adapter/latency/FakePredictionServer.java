package ai.llmd.epp.adapter.latency;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A prediction and training server that answers as a test wants it. */
final class FakePredictionServer implements AutoCloseable {

  /** Answers one request, whose body was read. */
  @FunctionalInterface
  interface Behaviour {
    void answer(HttpExchange exchange, String body) throws IOException, InterruptedException;
  }

  /**
   * One request.
   *
   * @param path with the method before it
   */
  record Call(String path, String body) {}

  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private volatile Behaviour predictions = FakePredictionServer::tellTruth;
  private volatile int trainingStatus = 202;

  FakePredictionServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  void predictions(Behaviour behaviour) {
    predictions = behaviour;
  }

  void trainingStatus(int status) {
    trainingStatus = status;
  }

  /** The requests to one path, oldest first. */
  List<String> bodies(String path) {
    return calls.stream().filter(call -> call.path().equals(path)).map(Call::body).toList();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      String path = exchange.getRequestURI().getPath();
      calls.add(new Call(exchange.getRequestMethod() + " " + path, body));
      switch (path) {
        case "/predict/bulk/strict" -> predictions.answer(exchange, body);
        case "/add_training_data_bulk" -> send(exchange, trainingStatus, "{}");
        default -> send(exchange, 200, "{\"is_ready\":true,\"model_type\":\"xgboost\"}");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ten milliseconds and one, plus the running requests. */
  private static void tellTruth(HttpExchange exchange, String body) throws IOException {
    StringBuilder json = new StringBuilder("{\"predictions\":[");
    String key = "\"num_request_running\":";
    String comma = "";
    for (int at = body.indexOf(key); at >= 0; at = body.indexOf(key, at + 1)) {
      int start = at + key.length();
      int running = Integer.parseInt(body.substring(start, body.indexOf(',', start)));
      json.append(comma).append("{\"ttft_ms\":").append(10.5 + running);
      json.append(",\"tpot_ms\":1.5,\"ttft_uncertainty\":0.1}");
      comma = ",";
    }
    send(
        exchange,
        200,
        json.append("],\"total_requests\":1,\"processing_time_ms\":0.2}").toString());
  }

  static Behaviour answering(int status, String body) {
    return (exchange, ignored) -> send(exchange, status, body);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
