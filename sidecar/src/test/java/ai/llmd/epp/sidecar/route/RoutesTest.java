package ai.llmd.epp.sidecar.route;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.sidecar.RunningSidecar;
import ai.llmd.epp.sidecar.server.SidecarServer;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the recorded exchanges do not show of the ways that requests go. */
class RoutesTest {

  private static final String CHAT =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":4}";

  private final List<AutoCloseable> open = new ArrayList<>();
  private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
  }

  /** Answers what it is asked with its name, and notes that it was. */
  private int engine(String name) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          asked.add(name + " " + new String(exchange.getRequestBody().readAllBytes(), UTF_8));
          byte[] answer = ("{\"name\":\"" + name + "\"}").getBytes(UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    open.add(() -> server.stop(0));
    return server.getAddress().getPort();
  }

  private SidecarServer sidecar(String... flags) {
    SidecarServer sidecar = RunningSidecar.with(flags);
    open.add(sidecar);
    return sidecar;
  }

  private static HttpResponse<String> chat(int port, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
            .timeout(Duration.ofSeconds(10))
            .POST(HttpRequest.BodyPublishers.ofString(CHAT));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  @Test
  void itsHealthIsAnsweredToHeadToo() throws Exception {
    int port = sidecar("--model-server-port=" + engine("decode")).ports().getFirst();

    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health")).HEAD().build();
      assertThat(client.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void aPrefillServerThatIsNotAllowedIsForbidden() throws Exception {
    int decode = engine("decode");
    SidecarServer sidecar =
        sidecar(
            "--model-server-port=" + decode,
            "--enable-ssrf-protection",
            "--allowed-hosts=10.0.0.0/8,prefill-1");
    int port = sidecar.ports().getFirst();

    HttpResponse<String> answer = chat(port, "x-prefiller-host-port", "127.0.0.1:" + decode);

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body())
        .isEqualTo("Forbidden: prefill target not allowed by SSRF protection\n");
    assertThat(asked).isEmpty();
  }

  @Test
  void encodersThatAreNotAllowedAreLeftOut() throws Exception {
    int decode = engine("decode");
    SidecarServer sidecar =
        sidecar(
            "--model-server-port=" + decode,
            "--ec-connector=ec-nixl",
            "--enable-ssrf-protection",
            "--allowed-hosts=10.0.0.0/8");

    HttpResponse<String> answer =
        chat(sidecar.ports().getFirst(), "x-encoder-hosts-ports", "127.0.0.1:" + decode);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(asked).containsExactly("decode " + CHAT);
  }

  @Test
  void allowedRangesMayBeNamed() throws Exception {
    int decode = engine("decode");
    int prefill = engine("prefill");
    SidecarServer sidecar =
        sidecar(
            "--model-server-port=" + decode,
            "--enable-ssrf-protection",
            "--allowed-hosts=127.0.0.0/8");

    chat(sidecar.ports().getFirst(), "x-prefiller-host-port", "http://127.0.0.1:" + prefill);

    assertThat(asked).hasSize(2).first().asString().startsWith("prefill ");
  }

  @Test
  void severalPrefillServersAreDrawnFromWhenAskedTo() throws Exception {
    int decode = engine("decode");
    int one = engine("one");
    int two = engine("two");
    SidecarServer sidecar = sidecar("--model-server-port=" + decode, "--enable-prefiller-sampling");
    for (int i = 0; i < 40; i++) {
      chat(
          sidecar.ports().getFirst(),
          "x-prefiller-host-port",
          "127.0.0.1:" + one + ",127.0.0.1:" + two);
    }

    assertThat(asked).anyMatch(a -> a.startsWith("one ")).anyMatch(a -> a.startsWith("two "));
  }

  @Test
  void aSourceOfCachedBlocksIsOfNoUseToMostConnectors() throws Exception {
    int decode = engine("decode");
    SidecarServer sidecar = sidecar("--model-server-port=" + decode);

    chat(sidecar.ports().getFirst(), "x-kv-cache-source-host-port", "10.0.0.1:8000");

    assertThat(asked).containsExactly("decode " + CHAT);
  }

  @Test
  void aHeaderChoosesTheRankAndAWrongOneIsRefused() throws Exception {
    int decode = engine("decode");
    SidecarServer sidecar =
        RunningSidecar.with(
            Map.of("POD_IP", "10.1.1.1"),
            port ->
                new String[] {
                  "--port=" + port, "--secure-proxy=false", "--model-server-port=" + decode
                });
    open.add(sidecar);
    int port = sidecar.ports().getFirst();

    assertThat(chat(port, "x-data-parallel-host-port", "10.1.1.1:" + port).statusCode())
        .isEqualTo(200);
    HttpResponse<String> refused = chat(port, "x-data-parallel-host-port", "10.1.1.1:1");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).isEmpty();
    assertThat(asked).hasSize(1);
  }
}
