package ai.llmd.epp.sidecar.connector;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the recorded exchanges do not show of the serial connector. */
class NixlConnectorTest {

  private final Engines engines = new Engines();

  @AfterEach
  void stop() {
    engines.close();
  }

  @Test
  void answersThatAreReadAreNotPacked() throws Exception {
    int decode = engines.add("decode", 200, "{\"usage\":{\"prompt_tokens\":2}}");
    int prefill =
        engines.add(
            "prefill",
            200,
            "{\"usage\":{\"prompt_tokens_details\":{\"cached_tokens\":7}},"
                + "\"kv_transfer_params\":{}}");
    try (SidecarServer sidecar = RunningSidecar.with("--model-server-port=" + decode)) {
      HttpResponse<String> answer =
          Chats.chat(
              sidecar.ports().getFirst(),
              "x-prefiller-host-port",
              "127.0.0.1:" + prefill,
              "Accept-Encoding",
              "gzip");

      assertThat(answer.body()).contains("\"cached_tokens\":7");
    }
    assertThat(engines.asked("prefill").getFirst().headers()).doesNotContainKey("Accept-Encoding");
    assertThat(engines.asked("decode").getFirst().headers()).doesNotContainKey("Accept-Encoding");
  }

  @Test
  void aPrefillServerThatSaysNothingIsLikeOneWithoutParameters() throws Exception {
    int decode = engines.add("decode", 200, "{}");
    int prefill = engines.add("prefill", 200, " null\n");
    try (SidecarServer sidecar = RunningSidecar.with("--model-server-port=" + decode)) {
      HttpResponse<String> answer =
          Chats.chat(sidecar.ports().getFirst(), "x-prefiller-host-port", "127.0.0.1:" + prefill);

      assertThat(answer.statusCode()).isEqualTo(200);
    }
    assertThat(engines.asked("decode").getFirst().body()).contains("\"kv_transfer_params\":null");
  }

  @Test
  void anEncoderWhoseAddressIsNoneFailsLikeOneThatIsGone() throws Exception {
    int decode = engines.add("decode", 200, "{}");
    try (SidecarServer sidecar =
        RunningSidecar.with("--model-server-port=" + decode, "--ec-connector=ec-nixl")) {
      HttpResponse<String> answer =
          Chats.ask(
              sidecar.ports().getFirst(),
              "/v1/chat/completions",
              "{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\"}}]}]}",
              "x-encoder-hosts-ports",
              "encoder:none");

      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains("encoder request failed for item 0 with status 502: ");
    }
    assertThat(engines.asked("decode")).isEmpty();
  }

  @Test
  void aServerThatIsCutOffIsAskedAgain() throws Exception {
    int decode = engines.add("decode", 200, "{}");
    int prefill =
        engines.add(
            "prefill",
            (exchange, body) -> {
              if (engines.asked("prefill").size() < 3) {
                exchange.sendResponseHeaders(200, 100);
                exchange.getResponseBody().write('{'); // and closed
              } else {
                Engines.send(exchange, 200, "{\"kv_transfer_params\":{\"remote_port\":1}}");
              }
            });
    try (SidecarServer sidecar =
        RunningSidecar.with(
            "--model-server-port=" + decode,
            "--prefill-max-retries=2",
            "--prefill-retry-backoff=1ms")) {
      HttpResponse<String> answer =
          Chats.chat(sidecar.ports().getFirst(), "x-prefiller-host-port", "127.0.0.1:" + prefill);

      assertThat(answer.statusCode()).isEqualTo(200);
    }
    assertThat(engines.asked("prefill"))
        .hasSize(3)
        .extracting(Engines.Asked::body)
        .containsOnly(engines.asked("prefill").getFirst().body());
    assertThat(engines.asked("decode").getFirst().body())
        .contains("\"kv_transfer_params\":{\"remote_port\":1}");
  }
}
