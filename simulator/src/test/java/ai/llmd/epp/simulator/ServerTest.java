package ai.llmd.epp.simulator;

import static ai.llmd.epp.simulator.Client.chatBody;
import static ai.llmd.epp.simulator.Client.tree;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class ServerTest extends WithSimulator {

  private static final String CHAT = "/v1/chat/completions";
  private static final Pattern SAMPLE =
      Pattern.compile("[a-z_:0-9]+\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*} [-+0-9.E]+");

  @Test
  void runsSeveralServersThatShareNothing() throws Exception {
    Simulator simulator = simulator("--servers", "3", "--pod-name", "p", "--pod-namespace", "ns");
    Client first = client(simulator, 0);
    Client third = client(simulator, 2);

    first.chat("\"max_tokens\":1,", "hello");
    HttpResponse<String> unknown = third.get("/nowhere");

    assertThat(simulator.ports()).hasSize(3).doesNotHaveDuplicates();
    assertThat(first.metric("vllm:generation_tokens_total")).isEqualTo(1);
    assertThat(third.metric("vllm:generation_tokens_total")).isZero();
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(tree(unknown).at("/error/code").asInt()).isEqualTo(404);
    assertThat(unknown.headers().firstValue("x-inference-pod")).hasValue("p-2");
    assertThat(unknown.headers().firstValue("x-inference-namespace")).hasValue("ns");
    assertThat(unknown.headers().firstValue("x-inference-port"))
        .hasValue(simulator.ports().get(2).toString());
  }

  @Test
  void listsItsModelsAndAdapters() throws Exception {
    Client client =
        start("--served-model-name", "a b", "--lora-modules", "{\"name\":\"lora\",\"path\":\"x\"}");
    client.post("/v1/load_lora_adapter", "{\"lora_name\":\"more\",\"lora_path\":\"y\"}");

    JsonNode models = client.json("/v1/models");

    assertThat(models.at("/data").values())
        .extracting(model -> model.at("/id").asString())
        .containsExactly("a", "b", "lora", "more");
    assertThat(models.at("/data/2/parent").asString()).isEqualTo("a");
    assertThat(client.chat("\"model\":\"more\",", "x").at("/model").asString()).isEqualTo("more");
    assertThat(client.post("/v1/unload_lora_adapter", "{\"lora_name\":\"more\"}").statusCode())
        .isEqualTo(200);
    assertThat(client.post(CHAT, chatBody("\"model\":\"more\",", "x")).statusCode()).isEqualTo(404);
  }

  @Test
  void isHealthyBeforeItIsReady() throws Exception {
    Client slow = start("--startup-duration", "1h");
    Client quick = start();

    assertThat(slow.get("/health").statusCode()).isEqualTo(200);
    assertThat(slow.get("/health/ready").statusCode()).isEqualTo(503);
    assertThat(quick.get("/health/ready").statusCode()).isEqualTo(200);
  }

  @Test
  void exposesMetricsThatParse() throws Exception {
    Client client = start("--kv-cache-size", "777", "--block-size", "32");
    client.chat("\"max_tokens\":10,", "hello");

    List<String> lines = client.get("/metrics").body().lines().toList();

    assertThat(lines)
        .filteredOn(line -> !line.startsWith("#"))
        .allMatch(line -> SAMPLE.matcher(line.replace("+Inf", "Inf")).matches())
        .contains(
            "vllm:num_requests_running{model_name=\"simulated\"} 0",
            "vllm:num_requests_waiting{model_name=\"simulated\"} 0",
            "vllm:kv_cache_usage_perc{model_name=\"simulated\"} 0",
            "vllm:cache_config_info{block_size=\"32\",num_gpu_blocks=\"777\"} 1",
            "vllm:request_success_total{model_name=\"simulated\",finish_reason=\"length\"} 1",
            "vllm:time_to_first_token_seconds_count{model_name=\"simulated\"} 1",
            "vllm:inter_token_latency_seconds_count{model_name=\"simulated\"} 9",
            "vllm:e2e_request_latency_seconds_bucket{model_name=\"simulated\",le=\"+Inf\"} 1")
        .anyMatch(line -> line.startsWith("vllm:lora_requests_info{max_lora=\"1\",running"));
  }

  @Test
  void refusesWithA429WhenItsQueueIsFullAndRecovers() throws Exception {
    Client client =
        start(
            "--max-num-seqs",
            "2",
            "--max-waiting-queue-length",
            "3",
            "--time-to-first-token",
            "400ms");
    List<CompletableFuture<HttpResponse<String>>> taken = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      taken.add(client.postAsync(CHAT, chatBody("\"max_tokens\":1,", "hello " + i)));
    }
    await().until(() -> client.metric("vllm:num_requests_waiting") == 3);

    assertThat(client.metric("vllm:num_requests_running")).isEqualTo(2);
    assertThat(client.metric("vllm:kv_cache_usage_perc")).isNotNegative();
    HttpResponse<String> refused = client.post(CHAT, chatBody("", "one more"));

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(tree(refused).at("/error/message").asString())
        .isEqualTo("Failed to enqueue request, waiting requests queue is full");
    assertThat(taken).allMatch(response -> response.join().statusCode() == 200);
    assertThat(client.metric("vllm:num_requests_waiting")).isZero();
    assertThat(client.metric("vllm:num_requests_running")).isZero();
    JsonNode stats = client.json("/admin/stats");
    assertThat(stats.at("/requests").asInt()).isEqualTo(6);
    assertThat(stats.at("/queue_full").asInt()).isEqualTo(1);
    assertThat(stats.at("/most_running").asInt()).isEqualTo(2);
    assertThat(stats.at("/most_waiting").asInt()).isEqualTo(3);
  }

  @Test
  void takesTheTimeItWasGiven() throws Exception {
    Client client = start("--time-to-first-token", "150ms", "--inter-token-latency", "20ms");
    long startedAt = System.nanoTime();

    client.chat("\"max_tokens\":4,", "hello");

    assertThat(System.nanoTime() - startedAt).isGreaterThanOrEqualTo(210_000_000L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "batch"})
  void freesTheSlotOfAClientThatLeaves(String timeModel) throws Exception {
    Simulator simulator =
        simulator(
            "--time-model", timeModel, "--max-num-seqs", "1", "--inter-token-latency", "50ms");
    Client client = client(simulator, 0);
    String body = chatBody("\"stream\":true,\"max_tokens\":100000,", "hello");
    try (Socket leaving = new Socket()) {
      leaving.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), simulator.ports().getFirst()));
      leaving
          .getOutputStream()
          .write(
              ("POST "
                      + CHAT
                      + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(US_ASCII));
      await().until(() -> client.metric("vllm:num_requests_running") == 1);
    }

    await().until(() -> client.metric("vllm:num_requests_running") == 0);
    assertThat(client.json("/admin/stats").at("/clients_left").asInt()).isEqualTo(1);
    assertThat(client.json("/admin/stats").at("/ended/abort").asInt()).isEqualTo(1);
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    Simulator simulator = simulator("--mode", "echo", "--time-to-first-token", "20ms");
    StringBuilder requests = new StringBuilder();
    for (String text : List.of("first", "second")) {
      String body = chatBody("", text);
      requests
          .append("POST " + CHAT + " HTTP/1.1\r\nHost: x\r\nContent-Length: ")
          .append(body.length())
          .append("\r\n\r\n")
          .append(body);
    }
    requests.append("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), simulator.ports().getFirst())) {
      socket.getOutputStream().write(requests.toString().getBytes(US_ASCII));

      String answers = new String(socket.getInputStream().readAllBytes(), US_ASCII);

      assertThat(answers).containsSubsequence("\"first\"", "\"second\"", "content-length: 0");
    }
  }

  @Test
  void returnsTheRequestIdWhenAskedTo() throws Exception {
    HttpResponse<String> response =
        start("--enable-request-id-headers").post(CHAT, chatBody("", "x"), "X-Request-Id", "r1");

    assertThat(response.headers().firstValue("X-Request-Id")).hasValue("r1");
  }

  @Test
  void returnsTheRequestHeadersThatItIsConfiguredTo() throws Exception {
    Client client = start("--echo-request-headers", "x-first,x-second");

    HttpResponse<String> response =
        client.post(CHAT, chatBody("", "x"), "X-First", "1", "x-third", "3");

    assertThat(response.headers().allValues("x-first")).containsExactly("1");
    assertThat(response.headers().map()).doesNotContainKeys("x-second", "x-third");
  }

  @Test
  void reportsInASentenceThatItsPortIsTaken() throws Exception {
    int taken = simulator().ports().getFirst();

    assertThatThrownBy(() -> Simulator.start("--port", Integer.toString(taken)))
        .isInstanceOf(IOException.class)
        .hasMessage("port " + taken + " on 127.0.0.1 is already in use");
  }

  @RepeatedTest(20)
  void closesItsPortsAndConnections() throws Exception {
    Simulator simulator = simulator();
    URI address = simulator.uris().getFirst();
    try (Socket connection = new Socket(address.getHost(), address.getPort())) {
      connection.getOutputStream().write("GET /health HTTP/1.1\r\n\r\n".getBytes(US_ASCII));
      assertThat(connection.getInputStream().read()).isEqualTo('H');

      simulator.close();

      assertThat(connection.getInputStream().readAllBytes()).isNotEmpty(); // and an end
      assertThatThrownBy(() -> new Socket(address.getHost(), address.getPort()).close())
          .isInstanceOf(IOException.class);
    }
  }
}
