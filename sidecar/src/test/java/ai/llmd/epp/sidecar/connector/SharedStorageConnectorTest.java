package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.Chats;
import ai.llmd.epp.sidecar.RawEngine;
import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that says how much of its prompt has to be cached, with and without a stream. */
class SharedStorageConnectorTest {

  private static final String PLAIN =
      "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":9}";
  private static final String STREAMED = "{\"stream\":true,\"cache_hit_threshold\":0.8}";
  private static final String WHOLE = "{\"cache_hit_threshold\":0.8}";
  private static final String TOO_LITTLE =
      "data: {\"choices\":[{\"finish_reason\":\"cache_threshold\"}]}\n\n";
  private static final String TEXT =
      "data: {\"choices\":[{\"delta\":{\"content\":\"\u00e4\"}}]}\n\n";
  private static final String DONE = "data: [DONE]\n\n";

  private final Engines engines = new Engines();
  private final CountDownLatch isReleased = new CountDownLatch(1);

  @AfterEach
  void stop() {
    isReleased.countDown();
    engines.close();
  }

  private static void stream(HttpExchange exchange, String... parts) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
    exchange.getResponseHeaders().set("X-Of", parts[0].equals(TOO_LITTLE) ? "probe" : "answer");
    exchange.sendResponseHeaders(200, 0);
    for (String part : parts) {
      exchange.getResponseBody().write(part.getBytes(UTF_8));
      exchange.getResponseBody().flush();
    }
  }

  private HttpResponse<String> ask(String body, int decode, int prefill) throws Exception {
    try (SidecarServer sidecar =
        RunningSidecar.with("--model-server-port=" + decode, "--kv-connector=shared-storage")) {
      return Chats.ask(
          sidecar.ports().getFirst(),
          "/v1/chat/completions",
          body,
          "x-prefiller-host-port",
          "127.0.0.1:" + prefill);
    }
  }

  private List<String> bodies(String server) {
    return engines.asked(server).stream().map(Engines.Asked::body).toList();
  }

  @Test
  void thePrefillServerGetsTheClientsStreamToo() throws Exception {
    int prefill = engines.add("prefill", 200, "");
    int decode = engines.add("decode", (exchange, body) -> stream(exchange, TEXT, DONE));

    HttpResponse<String> answer = ask(PLAIN, decode, prefill);

    assertThat(answer.body()).isEqualTo(TEXT + DONE);
    assertThat(bodies("prefill").getFirst())
        .contains("\"stream\":true", "\"include_usage\":true", "\"max_tokens\":1,")
        .contains("\"max_completion_tokens\":1", "\"cache_hit_threshold\":0");
    assertThat(bodies("decode").getFirst())
        .contains("\"max_tokens\":9", "\"cache_hit_threshold\":0")
        .doesNotContain("max_completion_tokens");
  }

  @Test
  void aStreamThatAnswersPassesWhileItComes() throws Exception {
    int prefill = engines.add("prefill", 200, "");
    int decode =
        engines.add("decode", (exchange, body) -> stream(exchange, TEXT, TEXT, TEXT, DONE));

    HttpResponse<String> answer = ask(STREAMED, decode, prefill);

    assertThat(answer.body()).isEqualTo(TEXT + TEXT + TEXT + DONE);
    assertThat(bodies("prefill")).isEmpty();
    assertThat(bodies("decode")).containsExactly(STREAMED);
  }

  @Test
  void aStreamOfOneEventPasses() throws Exception {
    int prefill = engines.add("prefill", 200, "");
    int decode = engines.add("decode", (exchange, body) -> stream(exchange, DONE));

    assertThat(ask(STREAMED, decode, prefill).body()).isEqualTo(DONE);
    assertThat(bodies("prefill")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 40, 56})
  void aStreamThatGivesUpIsSeenWhereverItIsCut(int cut) throws Exception {
    int prefill = engines.add("prefill", 200, "");
    int decode =
        engines.add(
            "decode",
            (exchange, body) -> {
              if (engines.asked("decode").size() == 1) {
                stream(exchange, TOO_LITTLE.substring(0, cut), TOO_LITTLE.substring(cut), DONE);
              } else {
                stream(exchange, TEXT, DONE);
              }
            });

    HttpResponse<String> answer = ask(STREAMED, decode, prefill);

    assertThat(answer.body()).isEqualTo(TEXT + DONE);
    assertThat(answer.headers().allValues("X-Of")).containsExactly("answer");
    assertThat(answer.headers().allValues("Content-Type")).hasSize(1);
    assertThat(bodies("prefill")).hasSize(1);
    assertThat(bodies("decode").getLast()).contains("\"cache_hit_threshold\":0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r\n", "\r", "\n"})
  void aStreamIsPassedOnAfterTwoEventsWhateverEndsItsLines(String end) throws Exception {
    int prefill = engines.add("prefill", 200, "");
    String events = (TEXT + TEXT).replace("\n", end);
    int decode =
        engines.add(
            "decode",
            (exchange, body) -> {
              stream(exchange, events);
              await();
            });
    try (SidecarServer sidecar =
            RunningSidecar.with("--model-server-port=" + decode, "--kv-connector=shared-storage");
        Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.ports().getFirst())) {
      client.setSoTimeout(20_000);
      RawEngine.send(
          client,
          "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nx-prefiller-host-port: 127.0.0.1:"
              + prefill
              + "\r\nContent-Length: "
              + STREAMED.length()
              + "\r\n\r\n"
              + STREAMED);

      assertThat(RawEngine.head(client.getInputStream())).startsWith("HTTP/1.1 200 ");
      isReleased.countDown();
    }
  }

  @Test
  void aStreamThatGaveUpNeedNotEndBeforeTheAnswerBegins() throws Exception {
    int prefill = engines.add("prefill", 200, "");
    int decode =
        engines.add(
            "decode",
            (exchange, body) -> {
              if (engines.asked("decode").size() == 1) {
                stream(exchange, TOO_LITTLE, ": more\n\n");
                await();
              } else {
                stream(exchange, TEXT, DONE);
              }
            });

    assertThat(ask(STREAMED, decode, prefill).body()).isEqualTo(TEXT + DONE);
  }

  private void await() throws IOException {
    try {
      isReleased.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void anErrorOfTheProbeIsTheClients() throws Exception {
    int prefill = engines.add("prefill", 200, "");
    int decode = engines.add("decode", 429, "{\"error\":1}");

    for (String body : List.of(STREAMED, WHOLE)) {
      HttpResponse<String> answer = ask(body, decode, prefill);

      assertThat(answer.statusCode()).isEqualTo(429);
      assertThat(answer.body()).isEqualTo("{\"error\":1}");
    }
    assertThat(bodies("prefill")).isEmpty();
  }

  @Test
  void aWholeAnswerThatIsNoJsonIsAnError() throws Exception {
    int prefill = engines.add("prefill", 200, "");
    int decode = engines.add("decode", 200, "no JSON");

    HttpResponse<String> answer = ask(WHOLE, decode, prefill);

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).contains("\"type\":\"InternalServerError\"");
  }

  @Test
  void anErrorOfThePrefillServerIsTheClientsWithoutItsHeaders() throws Exception {
    int prefill =
        engines.add(
            "prefill",
            (exchange, body) -> {
              exchange.getResponseHeaders().set("X-Of", "prefill");
              Engines.send(exchange, 500, "full");
            });
    int decode = engines.add("decode", 200, "{}");

    HttpResponse<String> answer = ask(PLAIN, decode, prefill);

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body()).isEqualTo("full");
    assertThat(answer.headers().firstValue("X-Of")).isEmpty();
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/plain; charset=utf-8");
    assertThat(bodies("decode")).isEmpty();
  }
}
