package ai.llmd.epp.simulator;

import static ai.llmd.epp.simulator.Client.chatBody;
import static ai.llmd.epp.simulator.Client.tree;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminTest extends WithSimulator {

  private static final String CONFIG = "/admin/config";
  private static final String CHAT = "/v1/chat/completions";

  @Test
  void changesLatenciesAndFailuresWhileItRuns() throws Exception {
    Client client = start("--time-to-first-token", "1h");

    HttpResponse<String> changed =
        client.post(
            CONFIG,
            "{\"time-to-first-token\":\"0\",\"failure-injection-rate\":100,"
                + "\"failure-types\":[\"rate_limit\",\"server_error\"]}");

    assertThat(changed.statusCode()).isEqualTo(200);
    assertThat(tree(changed).at("/failure-injection-rate").asString()).isEqualTo("100");
    assertThat(tree(changed).at("/time-to-first-token").asString()).isEqualTo("0");
    assertThat(client.post(CHAT, chatBody("", "x")).statusCode()).isIn(429, 503);
    client.post(CONFIG, "{\"failure-injection-rate\":null}");
    assertThat(client.post(CHAT, chatBody("", "x")).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"failure-injection-rate\":5,\"port\":9000}",
        "{\"failure-injection-rate\":5,\"time-to-first-token\":\"soon\"}",
        "{\"failure-injection-rate\":101}",
        "{\"failure-injection-rate\":5,\"inter-token-latency-std-dev\":\"1ms\"}",
        "{\"failure-injection-rate\":5,\"failure-types\":\"bad_weather\"}",
        "{\"failure-injection-rate\":5,\"fake-metrics\":{\"running\":1}}",
        "{\"failure-injection-rate\":5,\"fake-metrics\":{\"kv-cache-usage\":2}}",
        "{\"failure-injection-rate\":5,",
        "[]",
        "",
      })
  void changesNothingWhenOneValueIsWrong(String body) throws Exception {
    Client client = start("--time-to-first-token", "1ms");
    String before = client.get(CONFIG).body();

    HttpResponse<String> refused = client.post(CONFIG, body);

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(tree(refused).at("/error/message").asString()).isNotBlank();
    assertThat(client.get(CONFIG).body()).isEqualTo(before).contains("1ms");
  }

  @Test
  void showsFakeGaugesUntilTheyAreTakenBack() throws Exception {
    Client client = start();

    client.post(
        CONFIG,
        "{\"fake-metrics\":{\"running-requests\":3,\"waiting-requests\":40,"
            + "\"kv-cache-usage\":0.75,"
            + "\"loras\":[{\"running\":\"a,b\",\"waiting\":\"c\",\"timestamp\":12}]}}");

    assertThat(client.metric("vllm:num_requests_running")).isEqualTo(3);
    assertThat(client.metric("vllm:num_requests_waiting")).isEqualTo(40);
    assertThat(client.metric("vllm:kv_cache_usage_perc")).isEqualTo(0.75);
    assertThat(client.get("/metrics").body())
        .contains("running_lora_adapters=\"a,b\",waiting_lora_adapters=\"c\"} 12\n");
    client.post(CONFIG, "{\"fake-metrics\":null}");
    assertThat(client.metric("vllm:num_requests_waiting")).isZero();
  }
}
