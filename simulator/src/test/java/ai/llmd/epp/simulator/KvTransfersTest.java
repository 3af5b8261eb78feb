package ai.llmd.epp.simulator;

import static ai.llmd.epp.simulator.Client.chatBody;
import static ai.llmd.epp.simulator.Client.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What one server computes and another one uses. */
@NullUnmarked // the fields are set at the beginning of each test
class KvTransfersTest extends WithSimulator {

  private static final String CHAT = "/v1/chat/completions";
  private static final String TEXT = "a prompt of several words, for two servers";
  private static final String PREFILL =
      "\"max_tokens\":1,\"kv_transfer_params\":{\"do_remote_decode\":true,\"do_remote_prefill\":false},";

  private Client prefill;
  private Client decode;
  private int port;

  private void nixl(String... more) throws IOException {
    servers("{\"kv_connector\":\"NixlConnector\"" + String.join("", more) + "}");
  }

  private void servers(String config) throws IOException {
    Simulator first = simulator("--kv-transfer-config", config);
    prefill = client(first, 0);
    port = first.ports().getFirst();
    decode = start("--kv-transfer-config", config, "--kv-transfer-timeout", "200ms");
  }

  private JsonNode transfers(Client server) throws Exception {
    return server.json("/admin/stats").at("/kv_transfers");
  }

  private static String with(JsonNode parameters) {
    return "\"max_tokens\":4,\"kv_transfer_params\":" + parameters + ",";
  }

  @Test
  void nixlFetchesOnceWhatTheAnswerNames() throws Exception {
    nixl();
    JsonNode parameters = prefill.chat(PREFILL, TEXT).at("/kv_transfer_params");

    HttpResponse<String> answer = decode.post(CHAT, chatBody(with(parameters), TEXT));

    assertThat(parameters.at("/do_remote_prefill").asBoolean()).isTrue();
    assertThat(parameters.at("/remote_port").asInt()).isEqualTo(port);
    assertThat(parameters.at("/remote_block_ids").size()).isPositive();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(transfers(decode).at("/received").asInt()).isEqualTo(1);
    assertThat(transfers(prefill).at("/held").asInt()).isZero();
    decode.post(CHAT, chatBody(with(parameters), TEXT));
    assertThat(transfers(decode).at("/recomputed").asInt()).isEqualTo(1);
  }

  @Test
  void nixlRefusesBlocksOfAnotherPrompt() throws Exception {
    nixl();
    JsonNode parameters = prefill.chat(PREFILL, TEXT).at("/kv_transfer_params");

    HttpResponse<String> answer = decode.post(CHAT, chatBody(with(parameters), TEXT + "!"));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(transfers(decode).at("/wrong").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"do_remote_prefill\":true",
        "\"do_remote_prefill\":true,\"remote_engine_id\":\"e\",\"remote_request_id\":\"r\",\"remote_block_ids\":[1],\"remote_port\":9",
        "\"do_remote_prefill\":true,\"remote_engine_id\":\"e\",\"remote_request_id\":\"r\",\"remote_block_ids\":[1],\"remote_host\":\"h\"",
        "\"do_remote_prefill\":true,\"remote_engine_id\":\"e\",\"remote_request_id\":\"r\",\"remote_host\":\"h\",\"remote_port\":9",
        "\"do_remote_prefill\":true,\"remote_engine_id\":\"e\",\"remote_block_ids\":[1],\"remote_host\":\"h\",\"remote_port\":9",
        "\"do_remote_prefill\":true,\"remote_request_id\":\"r\",\"remote_block_ids\":[1],\"remote_host\":\"h\",\"remote_port\":9",
        "\"do_remote_prefill\":true,\"do_remote_decode\":true",
        "\"do_remote_prefill\":\"yes\"",
        "\"remote_port\":99999",
        "\"remote_block_ids\":7",
      })
  void nixlRefusesWhatNoEngineCouldFollow(String parameters) throws Exception {
    nixl();

    HttpResponse<String> answer =
        decode.post(CHAT, chatBody("\"kv_transfer_params\":{" + parameters + "},", TEXT));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(tree(answer).at("/error/message").asString()).isNotBlank();
  }

  @Test
  void aServerThatIsNoSimulatorHasNoBlocks() throws Exception {
    nixl();
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write(new byte[] {'o', 'k'});
          exchange.close();
        });
    other.start();
    try {
      String parameters =
          "\"kv_transfer_params\":{\"do_remote_prefill\":true,\"remote_engine_id\":\"e\","
              + "\"remote_request_id\":\"r\",\"remote_block_ids\":[1],\"remote_host\":\"127.0.0.1\","
              + "\"remote_port\":"
              + other.getAddress().getPort()
              + "},";

      HttpResponse<String> answer = decode.post(CHAT, chatBody(parameters, TEXT));

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(transfers(decode).at("/recomputed").asInt()).isEqualTo(1);
    } finally {
      other.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({"recompute, 200, /recomputed", "fail, 500, /failed"})
  void whatCannotBeHadFollowsThePolicy(String policy, int status, String counter) throws Exception {
    nixl(",\"kv_load_failure_policy\":\"" + policy + "\"");
    String gone =
        "\"kv_transfer_params\":{\"do_remote_prefill\":true,\"remote_engine_id\":\"e\","
            + "\"remote_request_id\":\"r\",\"remote_block_ids\":[1],\"remote_host\":\"127.0.0.1\","
            + "\"remote_port\":1},";

    HttpResponse<String> answer = decode.post(CHAT, chatBody(gone, TEXT));

    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(transfers(decode).at(counter).asInt()).isEqualTo(1);
  }

  @Test
  void anotherEngineHasNoBlocks() throws Exception {
    nixl();
    JsonNode parameters = prefill.chat(PREFILL, TEXT).at("/kv_transfer_params");
    String renamed =
        with(parameters).replace(parameters.at("/remote_engine_id").asString(), "before-a-restart");

    HttpResponse<String> answer = decode.post(CHAT, chatBody(renamed, TEXT));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(transfers(decode).at("/recomputed").asInt()).isEqualTo(1);
  }

  @Test
  void mooncakeWaitsForThePrompt() throws Exception {
    servers("{\"kv_connector\":\"MooncakeConnector\"}");
    String engine = prefill.json("/query").at("/0/engine_id").asString();
    String take =
        "\"kv_transfer_params\":{\"do_remote_prefill\":true,\"do_remote_decode\":false,"
            + "\"transfer_id\":\"xfer-1\",\"remote_bootstrap_addr\":\"http://127.0.0.1:"
            + port
            + "\",\"remote_engine_id\":\""
            + engine
            + "\"},";
    prefill.post("/admin/config", "{\"time-to-first-token\":\"50ms\"}");

    CompletableFuture<HttpResponse<String>> answer = decode.postAsync(CHAT, chatBody(take, TEXT));
    HttpResponse<String> computed =
        prefill.post(
            CHAT,
            chatBody(
                "\"max_tokens\":1,\"kv_transfer_params\":{\"do_remote_decode\":true,"
                    + "\"do_remote_prefill\":false,\"transfer_id\":\"xfer-1\"},",
                TEXT));

    assertThat(computed.statusCode()).isEqualTo(200);
    assertThat(answer.get().statusCode()).isEqualTo(200);
    assertThat(transfers(decode).at("/received").asInt()).isEqualTo(1);
  }

  @Test
  void offloadingMeetsUnderAnId() throws Exception {
    servers("{\"kv_connector\":\"OffloadingConnector\"}");
    prefill.chat(
        "\"max_tokens\":1,\"kv_transfer_params\":{\"remote_decoder\":{\"kv_request_id\":\"k\"}},",
        TEXT);

    HttpResponse<String> answer =
        decode.post(
            CHAT,
            chatBody(
                "\"kv_transfer_params\":{\"remote_prefiller\":{\"kv_request_id\":\"k\","
                    + "\"remote_host\":\"127.0.0.1\",\"remote_port\":"
                    + port
                    + "}},",
                TEXT));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(transfers(decode).at("/received").asInt()).isEqualTo(1);
  }

  @Test
  void sglangMeetsInARoom() throws Exception {
    Simulator first = simulator("--disaggregation-mode", "prefill");
    prefill = client(first, 0);
    decode = start("--disaggregation-mode", "decode");
    String room =
        "\"max_tokens\":4,\"bootstrap_host\":\"127.0.0.1\",\"bootstrap_port\":"
            + first.ports().getFirst()
            + ",\"bootstrap_room\":1760000000123456789,";
    String body = chatBody(room, TEXT);

    CompletableFuture<HttpResponse<String>> answer = decode.postAsync(CHAT, body);
    HttpResponse<String> computed = prefill.post(CHAT, body);

    assertThat(tree(computed).at("/usage/completion_tokens").asInt()).isEqualTo(1);
    assertThat(tree(answer.get()).at("/usage/completion_tokens").asInt()).isEqualTo(4);
    assertThat(transfers(decode).at("/received").asInt()).isEqualTo(1);
  }

  @Test
  void rolesRefuseWhatIsNotTheirs() throws Exception {
    Client consumer =
        start(
            "--kv-transfer-config",
            "{\"kv_connector\":\"NixlConnector\",\"kv_role\":\"kv_consumer\"}");

    assertThat(consumer.post(CHAT, chatBody(PREFILL, TEXT)).statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"kv_connector\":\"Unheard\"}",
        "{\"kv_connector\":\"NixlConnector\",\"kv_role\":\"king\"}",
        "{\"kv_connector\":\"NixlConnector\",\"kv_load_failure_policy\":\"hope\"}",
      })
  void refusesAConfigurationThatIsNotSimulated(String config) {
    assertThatThrownBy(() -> simulator("--kv-transfer-config", config))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
