package ai.llmd.epp.sidecar.golden;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.JsonNode;

/** A model server that gives recorded answers one after the other, and keeps what it was asked. */
final class StubServer implements AutoCloseable {

  /** One request as it came. */
  record Asked(String method, String path, com.sun.net.httpserver.Headers headers, String body) {}

  private final HttpServer server;
  private final Queue<JsonNode> answers = new ConcurrentLinkedQueue<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  StubServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  void addAnswer(JsonNode answer) {
    answers.add(answer);
  }

  List<Asked> asked() {
    return asked;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      asked.add(
          new Asked(
              exchange.getRequestMethod(),
              exchange.getRequestURI().toString(),
              exchange.getRequestHeaders(),
              body));
      JsonNode answer = answers.poll();
      if (answer == null) {
        exchange.sendResponseHeaders(599, -1); // it was asked too often
        return;
      }
      answer
          .path("headers")
          .properties()
          .forEach(h -> exchange.getResponseHeaders().add(h.getKey(), h.getValue().asString()));
      if (answer.has("sse")) {
        stream(exchange, answer);
      } else {
        whole(exchange, answer);
      }
    }
  }

  private static void whole(HttpExchange exchange, JsonNode answer) throws IOException {
    JsonNode body = answer.get("body");
    byte[] bytes = (body.isString() ? body.asString() : body.toString()).getBytes(UTF_8);
    exchange
        .getResponseHeaders()
        .set("Content-Type", answer.path("ctype").asString("application/json"));
    exchange.sendResponseHeaders(
        answer.get("status").asInt(), bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static void stream(HttpExchange exchange, JsonNode answer) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.sendResponseHeaders(answer.get("status").asInt(), 0);
    OutputStream out = exchange.getResponseBody();
    for (JsonNode event : answer.get("sse")) {
      String payload = event.isString() ? event.asString() : event.toString();
      out.write(("data: " + payload + "\n\n").getBytes(UTF_8));
      out.flush();
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
