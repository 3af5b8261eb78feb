package ai.llmd.epp.traces.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanKind;
import ai.llmd.epp.traces.span.SpanScope;
import ai.llmd.epp.traces.span.SpanWriter;
import ai.llmd.epp.traces.span.TraceId;
import com.google.protobuf.ByteString;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the writer writes, read by the classes that protoc generates. */
class OtlpWriterTest {

  private static final TraceId TRACE = new TraceId(0x0af7651916cd43ddL, 0x8448eb211c80319cL);
  private static final long ID = 0x00f067aa0ba902b7L;
  private static final long PARENT = 0xb7ad6b7169203331L;
  private static final SpanScope SCOPE = new SpanScope("a", "1");

  private final OtlpWriter writer = new OtlpWriter(Map.of("service.name", "picker"), "abc");

  private SpanWriter begin(SpanScope scope, String name) {
    return writer.begin(
        new SpanHead(scope, name, SpanKind.INTERNAL, TRACE, ID, PARENT, false, 7, 9));
  }

  private ResourceSpans written() throws Exception {
    ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(writer.request());
    assertThat(request.getResourceSpansList()).hasSize(1);
    assertThat(request.getUnknownFields().asMap()).isEmpty();
    return request.getResourceSpans(0);
  }

  private Span one() throws Exception {
    return written().getScopeSpans(0).getSpans(0);
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static KeyValue text(String key, String value) {
    return of(key, AnyValue.newBuilder().setStringValue(value));
  }

  private static KeyValue of(String key, AnyValue.Builder value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  @Test
  void aSpanHasItsIdsNameKindAndTimes() throws Exception {
    writer
        .begin(
            new SpanHead(
                SCOPE,
                "gateway.request",
                SpanKind.SERVER,
                TRACE,
                ID,
                PARENT,
                true,
                1_800_000_000_123_456_789L,
                9))
        .end();

    Span span = one();

    assertThat(span.getTraceId()).isEqualTo(bytes("0af7651916cd43dd8448eb211c80319c"));
    assertThat(span.getSpanId()).isEqualTo(bytes("00f067aa0ba902b7"));
    assertThat(span.getParentSpanId()).isEqualTo(bytes("b7ad6b7169203331"));
    assertThat(span.getName()).isEqualTo("gateway.request");
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(span.getStartTimeUnixNano()).isEqualTo(1_800_000_000_123_456_789L);
    assertThat(span.getEndTimeUnixNano()).isEqualTo(9);
    assertThat(span.getFlags()).isEqualTo(0x301);
    assertThat(span.hasStatus()).isFalse();
  }

  @Test
  void aSpanWithoutAParentHasNone() throws Exception {
    writer.begin(new SpanHead(SCOPE, "a", SpanKind.INTERNAL, TRACE, ID, 0, false, 7, 9)).end();

    Span span = one();

    assertThat(span.getParentSpanId()).isEqualTo(ByteString.EMPTY);
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_INTERNAL);
    assertThat(span.getFlags()).isEqualTo(0x101);
  }

  @Test
  void attributesHaveTheirTypes() throws Exception {
    begin(SCOPE, "a")
        .attribute(AttributeName.of("text"), "ü€𝄞 and " + "x".repeat(200))
        .attribute(AttributeName.of("empty"), "")
        .attribute(AttributeName.of("whole"), -3)
        .attribute(AttributeName.of("share"), 0.25)
        .attribute(AttributeName.of("yes"), true)
        .attribute(AttributeName.of("texts"), List.of("a", "ü"))
        .attribute(AttributeName.of("shares"), new double[] {0.5, Double.NaN})
        .attribute(AttributeName.of("most"), Long.MAX_VALUE)
        .end();

    assertThat(one().getAttributesList())
        .containsExactly(
            text("text", "ü€𝄞 and " + "x".repeat(200)),
            text("empty", ""),
            of("whole", AnyValue.newBuilder().setIntValue(-3)),
            of("share", AnyValue.newBuilder().setDoubleValue(0.25)),
            of("yes", AnyValue.newBuilder().setBoolValue(true)),
            array(
                "texts",
                AnyValue.newBuilder().setStringValue("a"),
                AnyValue.newBuilder().setStringValue("ü")),
            array(
                "shares",
                AnyValue.newBuilder().setDoubleValue(0.5),
                AnyValue.newBuilder().setDoubleValue(Double.NaN)),
            of("most", AnyValue.newBuilder().setIntValue(Long.MAX_VALUE)));
  }

  private static KeyValue array(String key, AnyValue.Builder... values) {
    ArrayValue.Builder array = ArrayValue.newBuilder();
    for (AnyValue.Builder value : values) {
      array.addValues(value);
    }
    return of(key, AnyValue.newBuilder().setArrayValue(array));
  }

  @Test
  void longTextsAreCut() throws Exception {
    String shown = "ü".repeat(SpanWriter.MAX_TEXT);
    begin(SCOPE, "a")
        .attribute(AttributeName.of("text"), shown + "more")
        .attribute(AttributeName.of("texts"), List.of(shown + "more"))
        .failed(shown + "more")
        .end();

    assertThat(one().getAttributesList())
        .containsExactly(
            text("text", shown), array("texts", AnyValue.newBuilder().setStringValue(shown)));
    assertThat(one().getStatus().getMessage()).isEqualTo(shown);
  }

  @Test
  void anErrorHasItsReasonAndItsEvents() throws Exception {
    begin(SCOPE, "a")
        .event("exception", 7)
        .attribute(AttributeName.of("exception.type"), "BadRequest")
        .event("later", 8)
        .failed("BadRequest")
        .end();

    assertThat(one().getStatus())
        .isEqualTo(
            Status.newBuilder()
                .setMessage("BadRequest")
                .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                .build());
    assertThat(one().getEventsList())
        .containsExactly(
            Span.Event.newBuilder()
                .setTimeUnixNano(7)
                .setName("exception")
                .addAttributes(text("exception.type", "BadRequest"))
                .build(),
            Span.Event.newBuilder().setTimeUnixNano(8).setName("later").build());
  }

  @Test
  void spansAreGroupedByScopeAndSayWhereTheyComeFrom() throws Exception {
    SpanScope other = new SpanScope("b", "2");
    for (int round = 0; round < 2; round++) { // the second one knows the scopes
      writer.clear();
      for (int i = 0; i < 300; i++) { // lengths of one to three bytes
        begin(i % 3 == 0 ? other : SCOPE, "n".repeat(i)).end();
      }

      ResourceSpans spans = written();

      assertThat(spans.getResource().getAttributesList())
          .containsExactly(text("service.name", "picker"));
      assertThat(spans.getScopeSpansList())
          .extracting(scope -> scope.getScope().getName() + '/' + scope.getScope().getVersion())
          .containsExactlyInAnyOrder("a/1", "b/2");
      assertThat(spans.getScopeSpansList())
          .allSatisfy(
              scope ->
                  assertThat(scope.getScope().getAttributesList())
                      .containsExactly(text("commit-sha", "abc")));
      assertThat(spans.getScopeSpansList().stream().mapToInt(ScopeSpans::getSpansCount).sum())
          .isEqualTo(300);
    }
  }

  @Test
  void aSpanThatWasNotFinishedIsForgottenWithTheBatch() throws Exception {
    begin(SCOPE, "broken").event("half", 1);
    writer.clear();
    begin(SCOPE, "whole").end();

    assertThat(written().getScopeSpansList())
        .singleElement()
        .satisfies(
            scope ->
                assertThat(scope.getSpansList())
                    .extracting(Span::getName)
                    .containsExactly("whole"));
  }

  @Test
  void nothingIsAResourceWithoutSpans() throws Exception {
    begin(SCOPE, "a").end();
    writer.clear();

    assertThat(written().getScopeSpansList()).isEmpty();
  }
}
