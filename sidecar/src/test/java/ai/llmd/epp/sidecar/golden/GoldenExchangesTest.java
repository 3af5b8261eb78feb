package ai.llmd.epp.sidecar.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** The exchanges that were recorded with the reference give the same traffic on both sides. */
class GoldenExchangesTest {

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
  private static final Set<String> NOT_COMPARED = Set.of("accept-encoding", "user-agent");

  private final Map<String, StubServer> servers = new TreeMap<>();
  private final Placeholders placeholders = new Placeholders();

  static List<GoldenCase> cases() throws IOException {
    return GoldenCase.all();
  }

  @AfterEach
  void stop() {
    servers.values().forEach(StubServer::close);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void isAsRecorded(GoldenCase recorded) throws Exception {
    Map<Integer, Integer> ports = new HashMap<>();
    for (Map.Entry<String, Integer> server : GoldenCase.SERVERS.entrySet()) {
      StubServer stub = new StubServer();
      servers.put(server.getKey(), stub);
      ports.put(server.getValue(), stub.port());
    }
    ports.put(GoldenCase.NOBODY, RunningSidecar.freePort());
    AtomicReference<GoldenCase> played = new AtomicReference<>(recorded);
    try (SidecarServer sidecar =
        RunningSidecar.with(
            recorded.environment(),
            port -> {
              ports.put(GoldenCase.SIDECAR, port);
              played.set(recorded.on(ports));
              return played.get().arguments();
            })) {
      play(played.get().json(), sidecar.ports().getFirst());
    }
  }

  private void play(JsonNode exchange, int port) throws Exception {
    for (JsonNode answer : exchange.get("upstream_responses")) {
      server(answer.get("to").asString()).addAnswer(answer);
    }
    HttpResponse<String> response;
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      response =
          client.send(request(exchange.get("client_request"), port), BodyHandlers.ofString());
    }
    compareRequests(exchange.get("upstream_requests"));
    compareAnswer(response, exchange.get("client_response"));
  }

  private StubServer server(String name) {
    StubServer server = servers.get(name);
    if (server == null) {
      throw new IllegalArgumentException("unknown server " + name);
    }
    return server;
  }

  private static HttpRequest request(JsonNode recorded, int port) {
    JsonNode body = recorded.get("body");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port + recorded.get("path").asString()))
            .timeout(LONGEST_WAIT);
    if (body == null || body.isNull()) {
      request.method(recorded.get("method").asString(), HttpRequest.BodyPublishers.noBody());
    } else {
      String text = body.isString() ? body.asString() : body.toString();
      request
          .method(recorded.get("method").asString(), HttpRequest.BodyPublishers.ofString(text))
          .header("Content-Type", "application/json");
    }
    recorded
        .get("headers")
        .properties()
        .forEach(header -> addHeader(request, header.getKey(), header.getValue()));
    return request.build();
  }

  private static void addHeader(HttpRequest.Builder request, String name, JsonNode value) {
    if (value.isArray()) {
      value.forEach(line -> request.header(name, line.asString()));
    } else {
      request.setHeader(name, value.asString());
    }
  }

  private void compareRequests(JsonNode recorded) {
    Map<String, Integer> expected = new TreeMap<>();
    recorded.forEach(request -> expected.merge(request.get("to").asString(), 1, Integer::sum));
    servers.forEach(
        (name, server) ->
            await(name)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(
                    () ->
                        assertThat(server.asked())
                            .as(name)
                            .hasSize(expected.getOrDefault(name, 0))));
    Map<String, Integer> next = new HashMap<>();
    for (JsonNode request : recorded) {
      String name = request.get("to").asString();
      int index = next.merge(name, 1, Integer::sum) - 1;
      compare(name + " " + index, server(name).asked().get(index), request);
    }
  }

  private void compare(String where, StubServer.Asked asked, JsonNode recorded) {
    assertThat(asked.method()).as(where).isEqualTo(recorded.get("method").asString());
    assertThat(asked.path()).as(where).isEqualTo(recorded.get("path").asString());
    recorded
        .get("headers")
        .properties()
        .forEach(
            header -> {
              if (!NOT_COMPARED.contains(header.getKey().toLowerCase(java.util.Locale.ROOT))) {
                compareHeader(
                    where + " " + header.getKey(),
                    asked.headers().getOrDefault(header.getKey(), List.of()),
                    header.getValue());
              }
            });
    JsonNode body = recorded.get("body");
    if (body == null || body.isNull()) {
      assertThat(asked.body()).as(where).isEmpty();
    } else {
      placeholders.assertSame(where + " body", GoldenCase.JSON.readTree(asked.body()), body);
    }
  }

  private void compareHeader(String where, List<String> lines, JsonNode recorded) {
    List<JsonNode> expected =
        recorded.isArray() ? recorded.valueStream().toList() : List.of(recorded);
    assertThat(lines).as(where).hasSize(expected.size());
    for (int i = 0; i < lines.size(); i++) {
      placeholders.assertSame(where, lines.get(i), expected.get(i).asString());
    }
  }

  private void compareAnswer(HttpResponse<String> response, JsonNode recorded) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(recorded.get("status").asInt());
    recorded
        .get("headers")
        .properties()
        .forEach(
            header ->
                compareHeader(
                    header.getKey(),
                    response.headers().allValues(header.getKey()),
                    header.getValue()));
    JsonNode body = recorded.get("body");
    if (body.isString()) {
      compareText(response.body(), body.asString());
    } else {
      placeholders.assertSame("answer", GoldenCase.JSON.readTree(response.body()), body);
    }
  }

  /** Event by event, their payloads as JSON. */
  private void compareText(String actual, String recorded) {
    List<String> events = List.of(actual.split("\n\n", -1));
    List<String> expected = List.of(recorded.split("\n\n", -1));
    assertThat(events).hasSameSizeAs(expected);
    for (int i = 0; i < events.size(); i++) {
      if (expected.get(i).startsWith("data: {")) {
        placeholders.assertSame("event " + i, payload(events.get(i)), payload(expected.get(i)));
      } else {
        assertThat(events.get(i)).isEqualTo(expected.get(i));
      }
    }
  }

  private static JsonNode payload(String event) {
    assertThat(event).startsWith("data: ");
    return GoldenCase.JSON.readTree(event.substring("data: ".length()));
  }
}
