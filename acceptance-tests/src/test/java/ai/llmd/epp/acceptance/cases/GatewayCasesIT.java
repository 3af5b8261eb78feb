package ai.llmd.epp.acceptance.cases;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.EnvoyMode;
import ai.llmd.epp.acceptance.stack.EnvoyProcess;
import ai.llmd.epp.acceptance.stack.EppProcess;
import ai.llmd.epp.acceptance.stack.Stack;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes the gateway on its way, and what it answers itself: in each of Envoy's modes. */
@ParameterizedClass
@EnumSource(EnvoyMode.class)
@NullUnmarked // the fields are set before the first test
record GatewayCasesIT(EnvoyMode mode) {

  private static final String CHAT =
      "{\"model\":\"m\",\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
  private static final List<String> WRITTEN_BY_THE_PICKER_ALONE =
      List.of(
          "x-prefiller-host-port",
          "x-encoder-hosts-ports",
          "x-data-parallel-host-port",
          "x-kv-cache-source-host-port");

  private static Stack stack;
  private static List<ShowingServer> servers;
  private static EppProcess epp;
  private static EnvoyProcess envoy;

  @BeforeParameterizedClassInvocation
  static void start(EnvoyMode mode) {
    stack = Stack.empty("gateway-cases-" + mode, false);
    servers = List.of(ShowingServer.start(), ShowingServer.start());
    stack.endpoints().list(ports());
    epp = stack.startEpp();
    envoy = stack.startEnvoy(mode, ports());
    await().until(() -> send(post(CHAT)).status() == 200);
  }

  private static List<Integer> ports() {
    return servers.stream().map(ShowingServer::port).toList();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (stack != null) { // there is none where there is no Envoy
      stack.close();
      for (ShowingServer server : servers) {
        server.close();
      }
    }
  }

  private static RawReply send(byte[] request) {
    return RawConnection.exchange(envoy.gateway().port(), request);
  }

  private static byte[] post(String body, String... headers) {
    return post("/v1/chat/completions", body.getBytes(ISO_8859_1), headers);
  }

  private static byte[] post(String path, byte[] body, String... headers) {
    var request = new ByteArrayOutputStream();
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    request.writeBytes(
        "POST %s HTTP/1.1\r\nhost: gateway\r\ncontent-length: %d\r\n%s\r\n"
            .formatted(path, body.length, lines)
            .getBytes(ISO_8859_1));
    request.writeBytes(body);
    return request.toByteArray();
  }

  private static byte[] get(String method, String path, String... headers) {
    String lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
    return "%s %s HTTP/1.1\r\nhost: gateway\r\n%s\r\n"
        .formatted(method, path, lines)
        .getBytes(ISO_8859_1);
  }

  /** What the model server saw of a request that it served. */
  private static RawReply seen(RawReply reply) {
    assertThat(reply.status()).as(reply.toString()).isEqualTo(200);
    int end = reply.body().indexOf("\r\n\r\n") + 4;
    return new RawReply(reply.body().substring(0, end), reply.body().substring(end));
  }

  private static long runningRequests() {
    return epp.metric("llm_d_epp_request_running");
  }

  @Test
  void websocketUpgrade() {
    byte[] handshake = CaseFile.read("websocket-upgrade/handshake.txt");
    try (RawConnection client = RawConnection.to(envoy.gateway().port())) {
      assertThat(client.send(handshake).head()).startsWith("HTTP/1.1 101 ");
      for (String frame : List.of("\u0081\u0082abcdxy", "\u0081\u0002ok", "no frame at all")) {
        byte[] bytes = frame.getBytes(ISO_8859_1);
        assertThat(client.send(bytes).read(bytes.length)).isEqualTo(bytes);
      }
      assertThat(runningRequests()).isOne();
    }
    await().until(() -> runningRequests() == 0);
  }

  @Test
  void websocketUpgradeOverHttp2() {
    try (RawConnection client = RawConnection.to(envoy.gateway().port())) {
      Http2Frames frames = new Http2Frames(client);
      frames.connect("/v1/realtime?model=m");
      assertThat(frames.awaitHeaders()).as("the first field is :status: 200").isEqualTo(0x88);
      frames.data("no frame at all");
      assertThat(frames.awaitData()).isEqualTo("no frame at all");
      assertThat(runningRequests()).isOne();
    }
    await().until(() -> runningRequests() == 0);
  }

  @Test
  void refusesAnUpgradeThatNoModelServerOffers() {
    assertThat(send(get("GET", "/v1/realtime", "connection: Upgrade", "upgrade: chess")).status())
        .isEqualTo(403);
  }

  @Test
  void servesARequestThatOffersHttp2() {
    String[] offer = {
      "connection: Upgrade, HTTP2-Settings", "upgrade: h2c", "http2-settings: AAMAAABkAARAAAAA"
    };

    assertThat(seen(send(post(CHAT, offer))).body()).isEqualTo(CHAT);
  }

  @Test
  void repeatedRequestHeaders() {
    RawReply reply = send(CaseFile.read("repeated-request-headers/request.txt"));
    RawReply seen = seen(reply);

    assertThat(String.join(",", seen.headers("anthropic-beta")).replace(" ", ""))
        .isEqualTo("tools-2026-01-01,thinking-2026-02-02");
    assertThat(String.join("; ", seen.headers("cookie"))).isEqualTo("a=1; b=2");
    assertThat(reply.headers("set-cookie")).containsExactly("a=1", "b=2");
  }

  @Test
  void repeatedRequestHeadersOfAnyCase() {
    RawReply seen =
        seen(
            send(
                post(
                    CHAT,
                    "X-A: 1",
                    "x-forwarded-for: 10.0.0.1",
                    "x-a: 2",
                    "x-forwarded-for: 10.0.0.2",
                    "x-A: 3")));

    assertThat(String.join(",", seen.headers("x-a")).replace(" ", "")).isEqualTo("1,2,3");
    assertThat(String.join(",", seen.headers("x-forwarded-for")).replace(" ", ""))
        .startsWith("10.0.0.1,10.0.0.2");
  }

  @Test
  void emptyPoolAndAGet() {
    assertThat(CaseFile.read("empty-pool-and-a-get/endpoints.yaml")).contains(endpointsNone());
    stack.endpoints().list(List.of());
    try {
      await().until(() -> send(get("GET", "/v1/models")).status() == 503);
      for (byte[] request :
          List.of(
              get("GET", "/v1/models"),
              get("OPTIONS", "/v1/chat/completions"),
              get("GET", "/anything"),
              CaseFile.read("websocket-upgrade/handshake.txt"),
              post(CHAT))) {
        RawReply reply = send(request);
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.header("x-llm-d-request-dropped-reason"))
            .isEqualTo("rejected-no-endpoints");
      }
    } finally {
      stack.endpoints().list(ports());
      await().until(() -> send(get("GET", "/v1/models")).status() == 200);
    }
  }

  private static byte[] endpointsNone() {
    return "endpoints: []".getBytes(ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({"gz,gzip", "gz,GZIP", "zst,zstd", "br,br"})
  void compressedRequestBody(String extension, String coding) {
    byte[] compressed = CaseFile.read("compressed-request-body/chat.json." + extension);
    RawReply seen =
        seen(
            send(
                post(
                    "/v1/chat/completions",
                    compressed,
                    "content-type: application/json",
                    "content-encoding: " + coding)));

    assertThat(seen.body())
        .isEqualTo(new String(CaseFile.read("compressed-request-body/chat.json"), ISO_8859_1));
    assertThat(seen.headers("content-encoding")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"deflate", "x-gzip", "aws-chunked", "deflate, identity", "gzip, zstd", "br,gzip"})
  void refusesABodyThatNoGatewayDecodes(String coding) {
    RawReply reply = send(post(CHAT, "content-encoding: " + coding));

    assertThat(reply.status()).isEqualTo(415);
    assertThat(reply.header("accept-encoding")).isEqualTo("identity");
    assertThat(reply.body()).contains(coding);
  }

  @Test
  void passesABodyThatNobodyReadsAsItIs() {
    RawReply seen =
        seen(send(post("/tokenize", "anything".getBytes(ISO_8859_1), "content-encoding: deflate")));

    assertThat(seen.header("content-encoding")).isEqualTo("deflate");
    assertThat(seen.body()).isEqualTo("anything");
    assertThat(seen(send(post(CHAT, "content-encoding: identity"))).body()).isEqualTo(CHAT);
  }

  /** 100 MB in 100 KB: more than a text ever shrinks. */
  @Test
  void refusesABodyThatIsFarLargerThanItCame() throws IOException {
    var bomb = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(bomb)) {
      byte[] spaces = " ".repeat(1 << 20).getBytes(ISO_8859_1);
      for (int i = 0; i < 100; i++) {
        gzip.write(spaces);
      }
    }
    RawReply reply =
        send(post("/v1/chat/completions", bomb.toByteArray(), "content-encoding: gzip"));

    assertThat(reply.status()).isBetween(400, 499);
    assertThat(seen(send(post(CHAT))).body()).as("the next one").isEqualTo(CHAT);
  }

  @Test
  void gatewayErrorsGetLost() {
    RawReply old = send(CaseFile.read("gateway-errors-get-lost/http-1.0.txt"));
    assertThat(old.head()).startsWith("HTTP/1.0 200 ");
    assertThat(seen(old).body()).isEqualTo(CHAT);
    assertThat(send("GET /v1/models HTTP/1.0\r\n\r\n".getBytes(ISO_8859_1)).status())
        .isEqualTo(200);

    String[] many =
        IntStream.range(0, 101).mapToObj(i -> "x-%d: 1".formatted(i)).toArray(String[]::new);
    assertThat(send(post(CHAT, many)).status()).isEqualTo(431);
    assertThat(send(post(CHAT, "x-large: " + "a".repeat(70_000))).status()).isEqualTo(431);
    assertThat(send(post(CHAT, "transfer-encoding: chunked")).status()).isEqualTo(400);
    assertThat(send("GET /v1/models HTTP/1.1\r\n\r\n".getBytes(ISO_8859_1)).status())
        .isEqualTo(400);
    assertThat(send("NONSENSE\r\n\r\n".getBytes(ISO_8859_1)).status()).isEqualTo(400);
  }

  @Test
  void removesWhatOnlyThePickerMayWrite() {
    String[] forged =
        WRITTEN_BY_THE_PICKER_ALONE.stream()
            .map(name -> name.toUpperCase(Locale.ROOT) + ": 6.6.6.6:1")
            .toArray(String[]::new);
    for (byte[] request :
        List.of(
            post(CHAT, forged),
            post("/nowhere", "x".getBytes(ISO_8859_1), forged),
            get("GET", "/v1/models", forged))) {
      RawReply seen = seen(send(request));
      for (String name : WRITTEN_BY_THE_PICKER_ALONE) {
        assertThat(seen.headers(name)).as(name).isEmpty();
      }
    }
  }

  @Test
  void ignoresADestinationThatAClientNames() {
    RawReply seen = seen(send(post(CHAT, "x-gateway-destination-endpoint: 127.0.0.1:1")));

    assertThat(seen.headers("x-gateway-destination-endpoint"))
        .hasSize(1)
        .doesNotContain("127.0.0.1:1");
  }
}
