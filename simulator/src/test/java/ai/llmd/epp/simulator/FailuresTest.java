package ai.llmd.epp.simulator;

import static ai.llmd.epp.simulator.Client.chatBody;
import static ai.llmd.epp.simulator.Client.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FailuresTest extends WithSimulator {

  private static final String CHAT = "/v1/chat/completions";
  private static final String BODY = chatBody("\"max_tokens\":5,", "hello");

  @Test
  void returnsTheErrorThatARequestAsksFor() throws Exception {
    HttpResponse<String> response = start().post(CHAT, BODY, "X-Return-Error", "503");

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(tree(response).at("/error/code").asInt()).isEqualTo(503);
  }

  @ParameterizedTest
  @CsvSource({
    "X-Return-Error,200",
    "X-Return-Error,x",
    "X-Drop-After-Tokens,-1",
    "X-Return-Delay,5"
  })
  void refusesADirectiveItDoesNotUnderstand(String header, String value) throws Exception {
    HttpResponse<String> response = start().post(CHAT, BODY, header, value);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(tree(response).at("/error/message").asString()).startsWith(header);
  }

  @ParameterizedTest
  @CsvSource({
    "rate_limit,429",
    "invalid_api_key,401",
    "context_length,400",
    "server_error,503",
    "invalid_request,400",
    "model_not_found,404"
  })
  void injectsErrorsOfTheChosenType(String type, int status) throws Exception {
    Client client = start("--failure-injection-rate", "100", "--failure-types", type);

    assertThat(client.post(CHAT, BODY).statusCode()).isEqualTo(status);
    assertThat(client.get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void injectsErrorsAtTheChosenRate() throws Exception {
    Client client = start("--failure-injection-rate", "30");
    int errors = 0;

    for (int i = 0; i < 200; i++) {
      errors += client.post(CHAT, BODY).statusCode() == 200 ? 0 : 1;
    }

    assertThat(errors).isBetween(35, 85);
    assertThat(client.json("/admin/stats").at("/injected_errors").asInt()).isEqualTo(errors);
  }

  @Test
  void closesTheConnectionWithoutAnAnswer() throws Exception {
    Client client = start();

    assertThatThrownBy(() -> client.post(CHAT, BODY, "X-Drop-After-Tokens", "0"))
        .isInstanceOf(IOException.class);
    assertThat(client.post(CHAT, BODY).statusCode()).isEqualTo(200);
    assertThat(client.json("/admin/stats").at("/dropped_connections").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"stream\":true,"})
  void closesTheConnectionInTheMiddleOfAnAnswer(String stream) throws Exception {
    Client client = start("--inter-token-latency", "2ms");

    assertThatThrownBy(
            () ->
                client.post(
                    CHAT,
                    chatBody(stream + "\"max_tokens\":50,", "hello"),
                    "X-Drop-After-Tokens",
                    "3"))
        .isInstanceOf(IOException.class);
    assertThat(client.metric("vllm:generation_tokens_total")).isEqualTo(3);
    assertThat(client.metric("vllm:num_requests_running")).isZero();
  }

  @Test
  void dropsConnectionsAtTheChosenRate() throws Exception {
    Client client = start("--connection-drop-rate", "100");

    assertThatThrownBy(() -> client.post(CHAT, BODY)).isInstanceOf(IOException.class);
    assertThat(client.get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void restsBeforeItAnswers() throws Exception {
    Client client = start("--response-delay", "60ms");
    long startedAt = System.nanoTime();

    client.post(CHAT, BODY, "X-Return-Delay", "60ms");

    assertThat(System.nanoTime() - startedAt).isGreaterThanOrEqualTo(120_000_000L);
  }
}
