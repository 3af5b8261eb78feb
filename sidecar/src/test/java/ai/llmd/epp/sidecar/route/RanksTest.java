package ai.llmd.epp.sidecar.route;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.connector.Engines;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several data-parallel ranks, each with a port and a model server of its own. */
class RanksTest {

  private static final String ANSWER =
      "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1},\"kv_transfer_params\":{}}";
  private static final String POD = "10.1.1.1";

  private final Engines engines = new Engines();
  private final int modelServers =
      engines.addRow(
          List.of("rank0", "rank1", "rank2"),
          (exchange, body) -> Engines.send(exchange, 200, ANSWER));
  private final int prefill = engines.add("prefill", 200, ANSWER);

  @AfterEach
  void stop() {
    engines.close();
  }

  private SidecarServer sidecar(String... flags) {
    return RunningSidecar.with(
        Map.of("POD_IP", POD),
        port -> {
          List<String> all =
              new ArrayList<>(
                  List.of(
                      "--port=" + port,
                      "--secure-proxy=false",
                      "--data-parallel-size=3",
                      "--model-server-port=" + modelServers));
          all.addAll(List.of(flags));
          return all.toArray(String[]::new);
        });
  }

  private List<Integer> askedByRank() {
    return List.of(
        engines.asked("rank0").size(),
        engines.asked("rank1").size(),
        engines.asked("rank2").size());
  }

  @Test
  void eachPortHasItsOwnModelServer() throws Exception {
    try (SidecarServer sidecar = sidecar();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      int first = sidecar.ports().getFirst();
      assertThat(sidecar.ports()).containsExactly(first, first + 1, first + 2);
      for (int rank = 0; rank < 3; rank++) {
        URI health = URI.create("http://127.0.0.1:" + (first + rank) + "/health");
        HttpResponse<String> answer =
            client.send(HttpRequest.newBuilder(health).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
      }
      Chats.chat(first + 1);
      Chats.chat(first + 2);
      Chats.chat(first + 2, "x-prefiller-host-port", "127.0.0.1:" + prefill);

      assertThat(askedByRank()).containsExactly(0, 1, 2);
    }
  }

  @Test
  void aHeaderChoosesAtTheFirstPortAlone() throws Exception {
    try (SidecarServer sidecar = sidecar()) {
      int first = sidecar.ports().getFirst();
      String header = "x-data-parallel-host-port";
      Chats.chat(first, header, POD + ":" + (first + 2));
      Chats.chat(
          first, header, POD + ":" + (first + 1), "x-prefiller-host-port", "127.0.0.1:" + prefill);
      Chats.chat(first + 1, header, POD + ":" + (first + 2));

      assertThat(askedByRank()).containsExactly(0, 2, 1);
      assertThat(engines.asked("rank2").getFirst().headers().get(header)).hasSize(1);
    }
  }

  @Test
  void aChosenRankAnswersInOnePiece() throws Exception {
    try (SidecarServer sidecar = sidecar("--decode-chunk-size=1")) {
      int first = sidecar.ports().getFirst();
      Chats.chat(first, "x-data-parallel-host-port", POD + ":" + (first + 1));
      Chats.chat(first);
    }
    assertThat(engines.asked("rank1").getFirst().body()).isEqualTo(Chats.CHAT);
    assertThat(engines.asked("rank0").getFirst().body()).contains("\"max_completion_tokens\":1");
  }

  @Test
  void connectorsThatAskBothAtOnceDoNotLookAtTheHeader() throws Exception {
    for (String connector : List.of("sglang", "offloading", "shared-storage")) {
      try (SidecarServer sidecar = sidecar("--kv-connector=" + connector)) {
        int first = sidecar.ports().getFirst();
        Chats.chat(
            first,
            "x-data-parallel-host-port",
            POD + ":" + (first + 1),
            "x-prefiller-host-port",
            "127.0.0.1:" + prefill);
      }
    }
    assertThat(askedByRank()).containsExactly(3, 0, 0);
  }

  @Test
  void thePeerToPeerPortFollowsTheRankOfTheAddress() throws Exception {
    try (SidecarServer sidecar = sidecar("--kv-connector=offloading")) {
      int first = sidecar.ports().getFirst();
      for (int port : new int[] {first, first + 2, first + 3}) {
        Chats.chat(first + 1, "x-kv-cache-source-host-port", "10.2.2.2:" + port);
      }
      Chats.chat(first + 1, "x-kv-cache-source-host-port", "10.2.2.2:http");
      Chats.chat(first + 1, "x-kv-cache-source-host-port", POD + ":" + (first + 1));
    }
    List<String> bodies = engines.asked("rank1").stream().map(Engines.Asked::body).toList();
    assertThat(bodies.get(0)).contains("\"remote_port\":7777");
    assertThat(bodies.get(1)).contains("\"remote_port\":7779");
    assertThat(bodies.get(2)).contains("\"remote_port\":7777");
    assertThat(bodies.get(3)).contains("\"remote_port\":7777", "\"remote_host\":\"10.2.2.2\"");
    assertThat(bodies.get(4)).isEqualTo(Chats.CHAT); // it has them itself
  }

  @Test
  void aPodKnowsItsOwnNumberOfVersionSix() throws Exception {
    try (SidecarServer sidecar =
        RunningSidecar.with(
            Map.of("POD_IP", "fd00::7"),
            port ->
                new String[] {
                  "--port=" + port,
                  "--secure-proxy=false",
                  "--kv-connector=offloading",
                  "--model-server-port=" + modelServers
                })) {
      int port = sidecar.ports().getFirst();
      Chats.chat(port, "x-kv-cache-source-host-port", "[fd00::7]:" + port);
      Chats.chat(port, "x-kv-cache-source-host-port", "[fd00::8]:" + port);
    }
    List<String> bodies = engines.asked("rank0").stream().map(Engines.Asked::body).toList();
    assertThat(bodies.get(0)).isEqualTo(Chats.CHAT);
    assertThat(bodies.get(1)).contains("\"remote_host\":\"fd00::8\"");
  }

  @Test
  void withoutAnAddressOfThePodTheHeaderHasThePortAlone() throws Exception {
    try (SidecarServer sidecar = RunningSidecar.with("--model-server-port=" + modelServers)) {
      int port = sidecar.ports().getFirst();

      assertThat(Chats.chat(port, "x-data-parallel-host-port", ":" + port).statusCode())
          .isEqualTo(200);
    }
  }
}
