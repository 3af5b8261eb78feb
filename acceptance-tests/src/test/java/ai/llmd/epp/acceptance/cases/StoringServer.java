package ai.llmd.epp.acceptance.cases;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model server that keeps responses and conversations in its own memory, and answers 404 to what
 * refers to others.
 */
final class StoringServer implements AutoCloseable {

  private static final Pattern PATH = Pattern.compile("/v1/(?:responses|conversations)/([^/?]+).*");
  private static final Pattern REFERENCE =
      Pattern.compile("\"(?:previous_response_id|conversation)\": *\"([^\"]+)\"");

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<String> kept = ConcurrentHashMap.newKeySet();
  private final HttpServer http;

  private StoringServer() {
    this.http = IdleServer.start(0, threads, this::answer);
  }

  static StoringServer start() {
    return new StoringServer();
  }

  int port() {
    return http.getAddress().getPort();
  }

  /** Whether it keeps something under this id. */
  boolean keeps(String id) {
    return kept.contains(id);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().getPath();
    Matcher byId = PATH.matcher(path);
    Matcher reference = REFERENCE.matcher(body);
    if (byId.matches()) {
      byId(exchange, byId.group(1));
    } else if (reference.find() && !kept.contains(reference.group(1))) {
      send(exchange, 404, "application/json", "{\"error\":{\"message\":\"not found\"}}");
    } else {
      create(exchange, path, body);
    }
  }

  private void byId(HttpExchange exchange, String id) throws IOException {
    boolean isKnown =
        exchange.getRequestMethod().equals("DELETE") ? kept.remove(id) : kept.contains(id);
    String json = "{\"id\":\"" + id + "\",\"object\":\"response\"}";
    send(exchange, isKnown ? 200 : 404, "application/json", json);
  }

  private void create(HttpExchange exchange, String path, String body) throws IOException {
    boolean isConversation = path.endsWith("conversations");
    String id = (isConversation ? "conv_" : "resp_") + UUID.randomUUID();
    kept.add(id);
    String json = "{\"id\":\"" + id + "\",\"object\":\"response\",\"output\":[]}";
    if (body.contains("\"stream\": true")) {
      String created = "data: {\"type\":\"response.created\",\"response\":" + json + "}\n\n";
      String completed = created.replace("created", "completed");
      send(exchange, 200, "text/event-stream", created + completed);
    } else {
      send(exchange, 200, "application/json", json);
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    IdleServer.answer(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    http.stop(0);
    threads.shutdownNow();
  }
}
