package ai.llmd.epp.simulator;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Talks to one simulated server. */
final class Client implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI server;

  Client(URI server) {
    this.server = server;
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(request(path).build(), BodyHandlers.ofString());
  }

  JsonNode json(String path) throws IOException, InterruptedException {
    return JSON.readTree(get(path).body());
  }

  HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    return http.send(posting(path, body, headers), BodyHandlers.ofString());
  }

  CompletableFuture<HttpResponse<String>> postAsync(String path, String body, String... headers) {
    return http.sendAsync(posting(path, body, headers), BodyHandlers.ofString());
  }

  JsonNode chat(String fields, String text) throws IOException, InterruptedException {
    return tree(post("/v1/chat/completions", chatBody(fields, text)));
  }

  /** The value of a metric without labels other than the model's. */
  double metric(String name) throws IOException, InterruptedException {
    String line =
        get("/metrics")
            .body()
            .lines()
            .filter(each -> each.startsWith(name + "{"))
            .findFirst()
            .orElseThrow();
    return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
  }

  static JsonNode tree(HttpResponse<String> response) {
    return JSON.readTree(response.body());
  }

  /** The data of all events of a stream. */
  static List<String> events(HttpResponse<String> response) {
    List<String> events = new ArrayList<>();
    for (String event : response.body().split("\n\n", -1)) {
      if (!event.isEmpty()) {
        events.add(event.substring("data: ".length()));
      }
    }
    return events;
  }

  static JsonNode tree(String json) {
    return JSON.readTree(json);
  }

  /**
   * @param fields further fields, each with a comma behind it
   */
  static String chatBody(String fields, String text) {
    return "{%s\"messages\":[{\"role\":\"user\",\"content\":%s}]}"
        .formatted(fields, JSON.writeValueAsString(text));
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  private HttpRequest posting(String path, String body, String... headers) {
    HttpRequest.Builder request = request(path).POST(BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return request.build();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.resolve(path)).timeout(Duration.ofSeconds(10));
  }
}
