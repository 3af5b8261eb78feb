package ai.llmd.epp.acceptance.tracing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.stack.FreePorts;
import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.ParsedFlags;
import ai.llmd.epp.sidecar.cli.SettingsReader;
import ai.llmd.epp.sidecar.cli.SidecarFlags;
import ai.llmd.epp.sidecar.server.SidecarServer;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One trace for each sampled request of a sidecar, whose legs continue it. */
class SidecarTracesTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final String SAMPLED = "00-" + TRACE + "-" + CALLER + "-01";
  private static final String UNSAMPLED = "00-" + TRACE + "-" + CALLER + "-00";
  private static final String CHAT = "/v1/chat/completions";
  private static final String BODY =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a secret prompt\"}]}";
  private static final String ANSWER =
      "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"completion_tokens\":1},\"kv_transfer_params\":{}}";

  private final List<AutoCloseable> open = new ArrayList<>();
  private final Map<String, String> contexts = new ConcurrentHashMap<>(); // by server
  private final Collector collector = Collector.start();

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : open.reversed()) {
      one.close();
    }
    collector.close();
  }

  /** Answers, and notes the context that it was given. */
  private int engine(String name, int status) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          contexts.put(
              name,
              exchange.getRequestHeaders().getFirst("traceparent")
                  + " "
                  + exchange.getRequestHeaders().getFirst("tracestate"));
          byte[] answer = ANSWER.getBytes(UTF_8);
          exchange.sendResponseHeaders(status, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    open.add(() -> server.stop(0));
    return server.getAddress().getPort();
  }

  private int sidecar(Map<String, String> environment, int decode, String... flags)
      throws IOException {
    List<String> all =
        new ArrayList<>(List.of("--port=" + FreePorts.one(), "--secure-proxy=false", "--tracing"));
    all.add("--model-server-port=" + decode);
    all.addAll(List.of(flags));
    ParsedFlags parsed =
        new FlagParser("pd-sidecar", "", SidecarFlags.ALL).parse(all.toArray(String[]::new));
    var given = ((ParsedFlags.Given) parsed).flags();
    SidecarServer sidecar = SidecarServer.start(SettingsReader.read(given, environment));
    open.add(sidecar);
    return sidecar.ports().getFirst();
  }

  private static int ask(int port, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .POST(HttpRequest.BodyPublishers.ofString(BODY))
            .headers("tracestate", "vendor=1");
    if (headers.length > 0) {
      request.headers(headers);
    }
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return client.send(request.build(), BodyHandlers.ofString()).statusCode();
    }
  }

  private Span awaitSpan(String name) {
    await().until(() -> collector.named(name).findAny().isPresent());
    return collector.named(name).findAny().orElseThrow();
  }

  private static String hex(com.google.protobuf.ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }

  private static String contextOf(Span span) {
    return "00-" + hex(span.getTraceId()) + "-" + hex(span.getSpanId()) + "-01 vendor=1";
  }

  private static Map<String, String> attributes(Span span) {
    Map<String, String> attributes = new HashMap<>();
    for (KeyValue attribute : span.getAttributesList()) {
      String value =
          switch (attribute.getValue().getValueCase()) {
            case STRING_VALUE -> attribute.getValue().getStringValue();
            case INT_VALUE -> Long.toString(attribute.getValue().getIntValue());
            case BOOL_VALUE -> Boolean.toString(attribute.getValue().getBoolValue());
            default -> "a number";
          };
      attributes.put(attribute.getKey(), value);
    }
    return attributes;
  }

  @Test
  void theStagesOfARequestContinueThePickersTrace() throws Exception {
    int prefill = engine("prefill", 200);
    int port = sidecar(collector.byGrpc(), engine("decode", 200));

    ask(port, CHAT, "traceparent", SAMPLED, "x-prefiller-host-port", "127.0.0.1:" + prefill);

    Span request = awaitSpan("llm_d.pd_proxy.POST " + CHAT);
    Span forward = awaitSpan("forward_request");
    Span prefilled = awaitSpan("prefill");
    Span decoded = awaitSpan("decode");
    assertThat(hex(request.getTraceId())).isEqualTo(TRACE);
    assertThat(hex(request.getParentSpanId())).isEqualTo(CALLER);
    assertThat(request.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(forward.getParentSpanId()).isEqualTo(request.getSpanId());
    assertThat(prefilled.getParentSpanId()).isEqualTo(forward.getSpanId());
    assertThat(decoded.getParentSpanId()).isEqualTo(forward.getSpanId());
    assertThat(contexts)
        .isEqualTo(Map.of("prefill", contextOf(prefilled), "decode", contextOf(decoded)));
    assertThat(attributes(request))
        .containsEntry("http.request.method", "POST")
        .containsEntry("url.path", CHAT)
        .containsEntry("http.response.status_code", "200");
    assertThat(attributes(forward))
        .containsEntry("llm_d.pd_proxy.connector", "nixlv2")
        .containsEntry("llm_d.pd_proxy.kv_connector", "nixlv2")
        .containsEntry("llm_d.openai.api", "chat_completions")
        .containsEntry("llm_d.pd_proxy.disaggregation_used", "true")
        .containsEntry("llm_d.pd_proxy.prefill_target", "127.0.0.1:" + prefill)
        .containsEntry("llm_d.pd_proxy.prefill_candidates", "1");
    assertThat(attributes(prefilled))
        .containsEntry("llm_d.pd_proxy.prefill.status_code", "200")
        .containsEntry("llm_d.pd_proxy.prefill.async", "false")
        .containsKeys("llm_d.pd_proxy.prefill.duration_ms", "llm_d.pd_proxy.request_id");
    assertThat(attributes(decoded))
        .containsEntry("llm_d.pd_proxy.decode.streaming", "false")
        .containsKeys(
            "llm_d.pd_proxy.decode.duration_ms",
            "llm_d.pd_proxy.true_ttft_ms",
            "llm_d.pd_proxy.total_duration_ms",
            "llm_d.pd_proxy.prefill_duration_ms",
            "llm_d.pd_proxy.coordinator_overhead_ms");
    assertThat(collector.requests().toString())
        .contains("llm-d-disagg-sidecar")
        .doesNotContain("secret prompt");
  }

  @ParameterizedTest
  @CsvSource({
    "sglang, prefill, decode",
    "offloading, llm_d.pd_proxy.prefill, llm_d.pd_proxy.decode",
    "shared-storage, prefill, decode"
  })
  void everyConnectorHasItsStages(String connector, String prefillSpan, String decodeSpan)
      throws Exception {
    int prefill = engine("prefill", 200);
    int port = sidecar(collector.byHttp(), engine("decode", 200), "--kv-connector=" + connector);

    ask(port, CHAT, "traceparent", SAMPLED, "x-prefiller-host-port", "127.0.0.1:" + prefill);

    boolean isAtOnce = !connector.equals("shared-storage");
    assertThat(attributes(awaitSpan(prefillSpan)))
        .containsEntry("llm_d.pd_proxy.prefill.async", Boolean.toString(isAtOnce));
    assertThat(attributes(awaitSpan(decodeSpan)))
        .containsEntry("llm_d.pd_proxy.concurrent_pd", Boolean.toString(isAtOnce));
    assertThat(contexts)
        .containsEntry("prefill", contextOf(awaitSpan(prefillSpan)))
        .containsEntry("decode", contextOf(awaitSpan(decodeSpan)));
  }

  @Test
  void aRequestWithoutAPrefillServerShowsWhy() throws Exception {
    int port = sidecar(collector.byGrpc(), engine("decode", 200));

    ask(port, CHAT, "traceparent", SAMPLED);

    Span forward = awaitSpan("forward_request");
    assertThat(attributes(forward))
        .containsEntry("llm_d.pd_proxy.disaggregation_used", "false")
        .containsEntry("llm_d.pd_proxy.reason", "no_prefill_header");
    assertThat(contexts).containsEntry("decode", contextOf(forward));
  }

  @Test
  void answersInPiecesShowHowManyThereWere() throws Exception {
    int port = sidecar(collector.byGrpc(), engine("decode", 200), "--decode-chunk-size=4");

    ask(port, CHAT, "traceparent", SAMPLED);

    Span chunked = awaitSpan("chunked_decode");
    assertThat(attributes(chunked))
        .containsEntry("llm_d.pd_proxy.chunked_decode.chunk_size", "4")
        .containsEntry("llm_d.pd_proxy.chunked_decode.chunks", "1")
        .containsEntry("llm_d.pd_proxy.chunked_decode.total_tokens", "1");
    assertThat(contexts).containsEntry("decode", contextOf(chunked));
  }

  @Test
  void aServerThatIsNotAllowedAndAStageThatFailsAreErrors() throws Exception {
    int failing = engine("prefill", 500);
    int port = sidecar(collector.byGrpc(), engine("decode", 200));
    int guarded =
        sidecar(
            collector.byGrpc(), failing, "--enable-ssrf-protection", "--allowed-hosts=10.0.0.0/8");

    ask(port, CHAT, "traceparent", SAMPLED, "x-prefiller-host-port", "127.0.0.1:" + failing);
    assertThat(ask(guarded, CHAT, "traceparent", SAMPLED, "x-prefiller-host-port", "127.0.0.1:1"))
        .isEqualTo(403);

    assertThat(awaitSpan("prefill").getStatus().getCode())
        .isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
    await().until(() -> collector.named("forward_request").count() == 2);
    assertThat(collector.named("forward_request").map(SidecarTracesTest::attributes))
        .anySatisfy(
            attributes ->
                assertThat(attributes)
                    .containsEntry("llm_d.pd_proxy.error", "ssrf_protection_denied")
                    .containsEntry("llm_d.pd_proxy.denied_target", "127.0.0.1:1"));
  }

  @Test
  void whatItsCallerDoesNotRecordGoesOnAsItIs() throws Exception {
    int prefill = engine("prefill", 200);
    int port = sidecar(collector.byGrpc(), engine("decode", 200));

    ask(port, CHAT, "traceparent", UNSAMPLED, "x-prefiller-host-port", "127.0.0.1:" + prefill);
    ask(port, "/v1/embeddings", "traceparent", SAMPLED); // begins and ends behind the other

    Span request = awaitSpan("llm_d.pd_proxy.POST /v1/embeddings");
    assertThat(collector.spans()).containsExactly(request);
    assertThat(contexts)
        .containsEntry("prefill", UNSAMPLED + " vendor=1")
        .containsEntry("decode", contextOf(request));
  }
}
