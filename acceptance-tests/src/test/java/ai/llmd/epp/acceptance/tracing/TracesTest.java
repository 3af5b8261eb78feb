package ai.llmd.epp.acceptance.tracing;

import static ai.llmd.epp.acceptance.inprocess.Asking.completion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.llmd.epp.acceptance.inprocess.Asking;
import ai.llmd.epp.acceptance.inprocess.ModelServer;
import ai.llmd.epp.acceptance.inprocess.RunningPicker;
import ai.llmd.epp.adapter.extproc.dialogue.Dialogue;
import ai.llmd.epp.adapter.extproc.dialogue.Messages;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** One trace for each sampled request, exported to a collector that is there or not. */
class TracesTest {

  static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SAMPLED = "00-" + TRACE + "-b7ad6b7169203331-01";
  private static final String UNSAMPLED = "00-" + TRACE + "-b7ad6b7169203331-00";
  static final String CONFIGURATION =
      RunningPicker.configuration(
              "header-based-testing-filter", "queue-scorer", "kv-cache-utilization-scorer")
          .replace("- pluginRef: queue-scorer\n", "- {pluginRef: queue-scorer, weight: 2}\n");
  private static final Map<String, String> UNTRACED =
      Map.of("test-epp-endpoint-selection", "127.0.0.1", "x-request-id", "untraced");
  static final Map<String, String> TO_TWO_OF_THREE =
      Map.of(
          "test-epp-endpoint-selection", "127.0.0.1,127.0.0.2",
          "x-request-id", "traced",
          "traceparent", SAMPLED,
          "tracestate", "vendor=1",
          "baggage", "k=v");

  private final List<ModelServer> servers =
      List.of(
          ModelServer.start("idle", "127.0.0.1").reports(0, 1, 0.25),
          ModelServer.start("busy", "127.0.0.2").reports(8, 2, 0.5),
          ModelServer.start("barred", "127.0.0.3").reports(0, 0, 0));

  @AfterEach
  void stopServers() {
    servers.forEach(ModelServer::close);
  }

  private RunningPicker start(Map<String, String> environment, String... flags) {
    return RunningPicker.start(environment, CONFIGURATION, servers, flags);
  }

  private static String golden(String name) throws Exception {
    try (var in = Objects.requireNonNull(TracesTest.class.getResourceAsStream("/traces/" + name))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static Dialogue answered(RunningPicker picker, Map<String, String> headers) {
    Dialogue dialogue = Asking.open(picker, headers, completion("llama", "hello"));
    Asking.routed(dialogue);
    dialogue.send(Messages.responseHeaders(false, "content-type", "application/json"));
    dialogue.next();
    dialogue.send(
        Messages.responseBody(
            "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}", true));
    dialogue.next();
    dialogue.halfClose().end();
    return dialogue;
  }

  @Test
  void theSpansOfOneRequestAreTheReferencesAndThoseOfTheResponse() throws Exception {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc())) {
      answered(picker, TO_TWO_OF_THREE);

      List<Span> spans = collector.awaitSpans();

      assertThat(spans)
          .allSatisfy(
              span ->
                  assertThat(HexFormat.of().formatHex(span.getTraceId().toByteArray()))
                      .isEqualTo(TRACE));
      assertThat(SpanTree.of(spans).replaceAll("(ttft_seconds = ).*", "$1…"))
          .isEqualTo(golden("one-request.txt"));
      assertThat(collector.tokens()).containsOnly("a secret");
      assertThat(collector.requests().toString())
          .contains("service.name", "llm-d-epp", "llm-d-router/pkg/epp/handlers", "commit-sha")
          .doesNotContain("hello");
      picker.awaitSum("llm_d_epp_trace_spans_total", spans.size());
    }
  }

  @Test
  void theTraceIsAnExemplarOfItsTimes() {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc())) {
      answered(picker, TO_TWO_OF_THREE);
      collector.awaitSpans();

      for (String family : List.of("request_duration_seconds", "request_ttft_seconds")) {
        assertThat(picker.get("/metrics", "application/openmetrics-text;version=1.0.0").body())
            .containsPattern(
                "llm_d_epp_" + family + "_bucket\\{.*} \\d+ # \\{trace_id=\"" + TRACE + "\",");
      }
      assertThat(picker.get("/metrics").body()).doesNotContain(TRACE);
    }
  }

  @Test
  void theyLieWithinTheirParentsInTime() {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc())) {
      answered(picker, TO_TWO_OF_THREE);

      List<Span> spans = collector.awaitSpans();

      for (Span span : spans) {
        spans.stream()
            .filter(parent -> parent.getSpanId().equals(span.getParentSpanId()))
            .forEach(
                parent -> {
                  assertThat(span.getStartTimeUnixNano())
                      .as(span.getName())
                      .isGreaterThanOrEqualTo(parent.getStartTimeUnixNano());
                  assertThat(span.getEndTimeUnixNano())
                      .as(span.getName())
                      .isLessThanOrEqualTo(parent.getEndTimeUnixNano());
                });
      }
    }
  }

  @Test
  void overHttpTheSameIsExported() throws Exception {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byHttp())) {
      answered(picker, TO_TWO_OF_THREE);

      assertThat(SpanTree.of(collector.awaitSpans()).replaceAll("(ttft_seconds = ).*", "$1…"))
          .isEqualTo(golden("one-request.txt"));
      assertThat(collector.tokens()).containsOnly("a secret");
    }
  }

  @Test
  void theModelServerIsGivenTheSpanOfTheRequest() {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc())) {
      String sent = traceParent(Asking.route(picker, UNTRACED, completion("llama", "hello")));

      Span request = collector.awaitRequest();

      assertThat(sent)
          .isEqualTo(
              "00-%s-%s-01",
              HexFormat.of().formatHex(request.getTraceId().toByteArray()),
              HexFormat.of().formatHex(request.getSpanId().toByteArray()));
    }
  }

  private static String traceParent(Asking.Routed routed) {
    return String.valueOf(routed.headers().get("traceparent"));
  }

  @Test
  void aCallerThatDoesNotRecordIsFollowed() {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc())) {
      Map<String, String> unsampled = new HashMap<>(UNTRACED);
      unsampled.put("traceparent", UNSAMPLED);
      Asking.route(picker, unsampled, completion("llama", "hello"));
      Asking.route(picker, TO_TWO_OF_THREE, completion("llama", "hello"));

      collector.awaitRequest();

      assertThat(collector.named("gateway.request")).hasSize(1);
    }
  }

  @Test
  void whatIsNotChosenIsPassedOnAsSuch() {
    try (Collector collector = Collector.start()) {
      Map<String, String> never = new HashMap<>(collector.byGrpc());
      never.put("OTEL_TRACES_SAMPLER_ARG", "0");
      try (RunningPicker picker = start(never)) {
        String first = traceParent(Asking.route(picker, UNTRACED, completion("llama", "hello")));
        String second = traceParent(Asking.route(picker, UNTRACED, completion("llama", "hello")));

        assertThat(first).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00").isNotEqualTo(second);
      }
      assertThat(collector.spans()).isEmpty();
    }
  }

  @Test
  void withoutAnExporterOnlyAClientsTraceIsPassedOn() {
    try (RunningPicker picker = start(Map.of())) {
      assertThat(Asking.route(picker, UNTRACED, completion("llama", "hello")).headers())
          .doesNotContainKey("traceparent");
      assertThat(setHeaders(picker, TO_TWO_OF_THREE)).hasSize(2).contains(SAMPLED);
    }
  }

  @Test
  void turnedOffNothingIsAdded() {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc(), "--tracing=false")) {
      assertThat(setHeaders(picker, TO_TWO_OF_THREE)).containsExactly(SAMPLED);
    }
  }

  /** Every value of {@code traceparent} in the answer. */
  private static List<String> setHeaders(RunningPicker picker, Map<String, String> headers) {
    Asking.Routed routed = Asking.route(picker, headers, completion("llama", "hello"));
    return routed
        .head()
        .getRequestHeaders()
        .getResponse()
        .getHeaderMutation()
        .getSetHeadersList()
        .stream()
        .filter(option -> option.getHeader().getKey().equals("traceparent"))
        .map(option -> option.getHeader().getRawValue().toStringUtf8())
        .toList();
  }

  @Test
  void aRefusedRequestEndsWithAnErrorAndNothingOfItsBody() {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc())) {
      Asking.refused(Asking.open(picker, Map.of(), "{\"model\":\"m\",\"prompt\":geheim}"));

      Span request = collector.awaitRequest();

      assertThat(request.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
      assertThat(request.getStatus().getMessage()).isEqualTo("BadRequest");
      assertThat(request.getEventsList()).anyMatch(event -> event.getName().equals("exception"));
      assertThat(collector.requests().toString()).doesNotContain("geheim");
    }
  }

  @Test
  void aModelServersErrorMarksTheRequest() {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc())) {
      Dialogue dialogue = Asking.open(picker, TO_TWO_OF_THREE, completion("llama", "hello"));
      Asking.routed(dialogue);
      dialogue.send(Messages.responseHeaders(true, "status", "503"));
      dialogue.next();
      dialogue.halfClose().end();

      Span request = collector.awaitRequest();

      assertThat(request.getStatus().getMessage()).isEqualTo("ModelServerError");
    }
  }

  @Test
  void aRequestWithoutABodyHasOneSpanAndItsResponse() {
    try (Collector collector = Collector.start();
        RunningPicker picker = start(collector.byGrpc())) {
      Dialogue dialogue = Dialogue.open(picker.channel());
      dialogue.send(Asking.headers(true, Map.of(":method", "GET", ":path", "/v1/models")));
      dialogue.next();
      dialogue.cancel();

      assertThat(collector.awaitSpans())
          .extracting(Span::getName)
          .containsExactlyInAnyOrder("gateway.response", "gateway.request");
    }
  }

  @Test
  void anExporterThatHangsCostsSpansAndNoRequest() {
    try (Collector collector = Collector.hanging()) {
      Map<String, String> small = new HashMap<>(collector.byGrpc());
      small.put("OTEL_BSP_MAX_QUEUE_SIZE", "20");
      try (RunningPicker picker = start(small)) {
        for (int i = 0; i < 20; i++) {
          Asking.route(picker, TO_TWO_OF_THREE, completion("llama", "hello"));
        }

        await().until(() -> picker.metrics().sum("llm_d_epp_trace_spans_total") > 0);
        assertThat(picker.get("/metrics").body())
            .containsPattern("llm_d_epp_trace_spans_total\\{outcome=\"dropped\"} [1-9]")
            .contains("llm_d_epp_trace_spans_total{outcome=\"exported\"} 0");
      } // and it ends
    }
  }

  @Test
  void spansForACollectorThatIsAwayAreCountedAsFailed() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    Map<String, String> away =
        Map.of(
            "OTEL_TRACES_EXPORTER", "otlp",
            "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + free,
            "OTEL_EXPORTER_OTLP_TIMEOUT", "500",
            "OTEL_BSP_SCHEDULE_DELAY", "50");
    try (RunningPicker picker = start(away)) {
      Asking.route(picker, TO_TWO_OF_THREE, completion("llama", "hello"));

      await()
          .untilAsserted(
              () ->
                  assertThat(picker.get("/metrics").body())
                      .containsPattern("llm_d_epp_trace_spans_total\\{outcome=\"failed\"} [1-9]"));
    }
  }

  @Test
  void logLinesOfARecordedRequestCarryItsIds() {
    Logger logger = (Logger) LoggerFactory.getLogger("ai.llmd.epp");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    logger.addAppender(lines);
    try (Collector collector = Collector.start();
        RunningPicker picker =
            RunningPicker.start(
                collector.byGrpc(), RunningPicker.configuration("failing-scorer"), servers)) {
      Asking.open(picker, TO_TWO_OF_THREE, completion("llama", "hello")).next();

      await()
          .untilAsserted(
              () ->
                  assertThat(lines.list)
                      .filteredOn(line -> line.getMessage().equals("plugin failed"))
                      .extracting(line -> line.getMDCPropertyMap().get("trace_id"))
                      .contains(TRACE));
    } finally {
      logger.detachAppender(lines);
    }
  }
}
