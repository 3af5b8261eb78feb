package ai.llmd.epp.acceptance.cases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.Client;
import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.Replicas;
import ai.llmd.epp.acceptance.stack.SharedStore;
import ai.llmd.epp.acceptance.stack.Stack;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** answers-to-a-stored-response: what refers to a stored answer goes where that answer is kept. */
class StoredAnswersIT {

  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
  private static final String CREATE =
      "{\"model\": \"m\", \"input\": \"Name three harbours.\", \"store\": true}";
  private static final String STREAM =
      "{\"model\": \"m\", \"input\": \"Name three harbours.\", \"stream\": true}";
  private static final int ROUNDS = 12;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private record Running(Stack stack, Client gateway, List<StoringServer> servers)
      implements AutoCloseable {

    static Running start(EnvoyMode mode, int replicas) throws Exception {
      Stack stack = Stack.empty("stored-answers-" + mode + '-' + replicas, false);
      try {
        List<StoringServer> servers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          StoringServer server = StoringServer.start();
          servers.add(server);
          stack.list(server, server.port());
        }
        Client gateway;
        if (replicas == 1) {
          stack.startEpp();
          gateway = stack.startEnvoy(mode).gateway();
        } else {
          Replicas all = stack.startReplicas(replicas, SharedStore.Kind.REDIS.start(replicas));
          gateway = stack.startEnvoy(mode, all).gateway();
          await().atMost(Duration.ofSeconds(60)).until(all::areSharing);
        }
        return new Running(stack, gateway, servers);
      } catch (Exception e) {
        try (stack) {
          throw e;
        }
      }
    }

    StoringServer holder(String id) {
      return servers.stream().filter(server -> server.keeps(id)).findFirst().orElseThrow();
    }

    @Override
    public void close() throws Exception {
      stack.close();
    }
  }

  private HttpResponse<String> send(Running running, String method, String path, String body)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + running.gateway().port() + path);
    return http.send(
        HttpRequest.newBuilder(uri)
            .timeout(Duration.ofSeconds(30))
            .header("content-type", "application/json")
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private String create(Running running, String path, String body) throws Exception {
    HttpResponse<String> created = send(running, "POST", path, body);
    assertThat(created.statusCode()).isEqualTo(200);
    Matcher id = ID.matcher(created.body());
    assertThat(id.find()).isTrue();
    return id.group(1);
  }

  private void isAnswered(Running running, String method, String path, String body)
      throws Exception {
    HttpResponse<String> answer = send(running, method, path, body);
    assertThat(answer.statusCode()).as("%s %s", method, path).isEqualTo(200);
  }

  private static String goingOn(String id) {
    return CREATE.replace("\"store\": true", "\"previous_response_id\": \"" + id + "\"");
  }

  private static String within(String conversation) {
    return CREATE.replace("\"store\": true", "\"conversation\": \"" + conversation + "\"");
  }

  @Test
  void everythingAboutAStoredResponseGoesWhereItIsWithModeFull() throws Exception {
    try (Running running = Running.start(EnvoyMode.FULL, 1)) {
      for (int round = 0; round < ROUNDS; round++) {
        String id = create(running, "/v1/responses", round % 2 == 0 ? CREATE : STREAM);
        isAnswered(running, "POST", "/v1/responses", goingOn(id));
        isAnswered(running, "GET", "/v1/responses/" + id, "");
        isAnswered(running, "GET", "/v1/responses/" + id + "/input_items?limit=3", "");
        isAnswered(running, "POST", "/v1/responses/" + id + "/cancel", "");
        isAnswered(running, "POST", "/v1/responses/" + id + "/cancel", "{}");
        isAnswered(running, "DELETE", "/v1/responses/" + id, "");
        String conversation = create(running, "/v1/conversations", "{\"items\": []}");
        isAnswered(running, "POST", "/v1/responses", within(conversation));
        isAnswered(running, "POST", "/v1/conversations/" + conversation + "/items", "{}");
        isAnswered(running, "GET", "/v1/conversations/" + conversation, "");
      }
    }
  }

  @Test
  void allReplicasKnowWhereAResponseIs() throws Exception {
    try (Running running = Running.start(EnvoyMode.FULL, 2)) {
      List<String> ids = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        ids.add(create(running, "/v1/responses", CREATE));
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                for (String id : ids) {
                  isAnswered(running, "GET", "/v1/responses/" + id, "");
                  isAnswered(running, "POST", "/v1/responses", goingOn(id));
                }
              });
      for (String id : ids) {
        isAnswered(running, "POST", "/v1/responses/" + id + "/cancel", "");
        isAnswered(running, "POST", "/v1/responses", goingOn(id));
      }
    }
  }

  @Test
  void anyServerIsAskedOnceTheHolderHasLeftThePool() throws Exception {
    try (Running running = Running.start(EnvoyMode.FULL, 1)) {
      String id = create(running, "/v1/responses", CREATE);
      StoringServer holder = running.holder(id);
      running
          .stack()
          .endpoints()
          .list(
              running.servers().stream()
                  .filter(server -> server != holder)
                  .map(StoringServer::port)
                  .toList());

      await()
          .untilAsserted(
              () -> {
                HttpResponse<String> answer = send(running, "GET", "/v1/responses/" + id, "");
                assertThat(answer.statusCode()).isEqualTo(404); // of another server
                assertThat(answer.headers().firstValue("x-inference-port"))
                    .isPresent()
                    .isNotEqualTo(Optional.of(String.valueOf(holder.port())));
              });
      assertThat(send(running, "POST", "/v1/responses", goingOn(id)).statusCode()).isEqualTo(404);
    }
  }

  /** No id is seen, so a server that does not keep the response may be asked. */
  @Test
  void everythingIsStillServedWithModeLean() throws Exception {
    try (Running running = Running.start(EnvoyMode.LEAN, 1)) {
      String id = create(running, "/v1/responses", CREATE);
      for (int round = 0; round < ROUNDS; round++) {
        assertThat(send(running, "GET", "/v1/responses/" + id, "").statusCode()).isIn(200, 404);
        assertThat(send(running, "POST", "/v1/responses", goingOn(id)).statusCode()).isIn(200, 404);
      }
    }
  }
}
