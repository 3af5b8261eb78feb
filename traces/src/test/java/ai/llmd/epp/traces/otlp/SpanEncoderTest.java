package ai.llmd.epp.traces.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the encoder writes, read by the classes that protoc generates. */
class SpanEncoderTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final int MAX_EVENTS = 2;

  private final List<SpanData> ended = new ArrayList<>();
  private final SdkTracerProvider provider =
      SdkTracerProvider.builder()
          .addSpanProcessor(new Collecting(ended))
          .setSpanLimits(
              SpanLimits.builder()
                  .setMaxNumberOfEvents(MAX_EVENTS)
                  .setMaxNumberOfAttributes(9)
                  .build())
          .build();
  private final Tracer tracer = provider.tracerBuilder("a").setInstrumentationVersion("1").build();
  private final SpanEncoder encoder =
      new SpanEncoder(
          Resource.create(Attributes.builder().put("service.name", "picker").build()), "abc");

  private record Collecting(List<SpanData> spans) implements SpanProcessor {

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {}

    @Override
    public boolean isStartRequired() {
      return false;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      spans.add(span.toSpanData());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }
  }

  @AfterEach
  void close() {
    provider.close();
  }

  private ResourceSpans encoded() throws Exception {
    ExportTraceServiceRequest request =
        ExportTraceServiceRequest.parseFrom(encoder.encode(List.copyOf(ended)));
    assertThat(request.getResourceSpansList()).hasSize(1);
    assertThat(request.getUnknownFields().asMap()).isEmpty();
    return request.getResourceSpans(0);
  }

  private Span one(SpanBuilder builder) throws Exception {
    builder.startSpan().end(9, TimeUnit.NANOSECONDS);
    return encoded().getScopeSpans(0).getSpans(0);
  }

  private static Context remote() {
    return Context.root()
        .with(
            io.opentelemetry.api.trace.Span.wrap(
                SpanContext.createFromRemoteParent(
                    TRACE, PARENT, TraceFlags.getSampled(), TraceState.getDefault())));
  }

  private static ByteString bytes(String hex) {
    return ByteString.copyFrom(HexFormat.of().parseHex(hex));
  }

  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(key)
        .setValue(AnyValue.newBuilder().setStringValue(value))
        .build();
  }

  @Test
  void aSpanHasItsIdsNameKindAndTimes() throws Exception {
    Span span =
        one(
            tracer
                .spanBuilder("gateway.request")
                .setSpanKind(SpanKind.SERVER)
                .setParent(remote())
                .setStartTimestamp(1_800_000_000_123_456_789L, TimeUnit.NANOSECONDS));

    assertThat(span.getTraceId()).isEqualTo(bytes(TRACE));
    assertThat(span.getSpanId()).isEqualTo(bytes(ended.getFirst().getSpanId()));
    assertThat(span.getParentSpanId()).isEqualTo(bytes(PARENT));
    assertThat(span.getName()).isEqualTo("gateway.request");
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
    assertThat(span.getStartTimeUnixNano()).isEqualTo(1_800_000_000_123_456_789L);
    assertThat(span.getEndTimeUnixNano()).isEqualTo(9);
    assertThat(span.getFlags()).isEqualTo(0x301);
    assertThat(span.hasStatus()).isFalse();
  }

  @Test
  void aSpanWithoutAParentHasNone() throws Exception {
    Span span = one(tracer.spanBuilder("a").setSpanKind(SpanKind.INTERNAL));

    assertThat(span.getParentSpanId()).isEqualTo(ByteString.EMPTY);
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_INTERNAL);
    assertThat(span.getFlags())
        .isEqualTo(0x100 | ended.getFirst().getSpanContext().getTraceFlags().asByte());
  }

  @Test
  void attributesHaveTheirTypes() throws Exception {
    Span span =
        one(
            tracer
                .spanBuilder("a")
                .setAttribute("text", "ü€𝄞 and " + "x".repeat(200))
                .setAttribute("empty", "")
                .setAttribute("whole", -3L)
                .setAttribute("share", 0.25)
                .setAttribute("yes", true)
                .setAttribute(AttributeKey.stringArrayKey("texts"), List.of("a", "b"))
                .setAttribute(AttributeKey.doubleArrayKey("shares"), List.of(0.5, Double.NaN))
                .setAttribute(AttributeKey.longArrayKey("wholes"), List.of(Long.MAX_VALUE))
                .setAttribute(AttributeKey.booleanArrayKey("claims"), List.of(false)));

    assertThat(span.getAttributesList())
        .containsExactlyInAnyOrder(
            text("text", "ü€𝄞 and " + "x".repeat(200)),
            text("empty", ""),
            of("whole", AnyValue.newBuilder().setIntValue(-3)),
            of("share", AnyValue.newBuilder().setDoubleValue(0.25)),
            of("yes", AnyValue.newBuilder().setBoolValue(true)),
            array(
                "texts",
                AnyValue.newBuilder().setStringValue("a"),
                AnyValue.newBuilder().setStringValue("b")),
            array(
                "shares",
                AnyValue.newBuilder().setDoubleValue(0.5),
                AnyValue.newBuilder().setDoubleValue(Double.NaN)),
            array("wholes", AnyValue.newBuilder().setIntValue(Long.MAX_VALUE)),
            array("claims", AnyValue.newBuilder().setBoolValue(false)));
  }

  private static KeyValue of(String key, AnyValue.Builder value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static KeyValue array(String key, AnyValue.Builder... values) {
    ArrayValue.Builder array = ArrayValue.newBuilder();
    for (AnyValue.Builder value : values) {
      array.addValues(value);
    }
    return of(key, AnyValue.newBuilder().setArrayValue(array));
  }

  @Test
  void anErrorHasItsReasonAndItsEvent() throws Exception {
    io.opentelemetry.api.trace.Span failed = tracer.spanBuilder("a").startSpan();
    failed.setStatus(StatusCode.ERROR, "BadRequest");
    failed.addEvent(
        "exception",
        Attributes.of(AttributeKey.stringKey("exception.type"), "BadRequest"),
        7,
        TimeUnit.NANOSECONDS);
    failed.end();

    Span span = encoded().getScopeSpans(0).getSpans(0);

    assertThat(span.getStatus())
        .isEqualTo(
            Status.newBuilder()
                .setMessage("BadRequest")
                .setCode(Status.StatusCode.STATUS_CODE_ERROR)
                .build());
    assertThat(span.getEventsList())
        .containsExactly(
            Span.Event.newBuilder()
                .setTimeUnixNano(7)
                .setName("exception")
                .addAttributes(text("exception.type", "BadRequest"))
                .build());
  }

  @Test
  void whatTheLimitsLeftOutIsCounted() throws Exception {
    SpanBuilder builder = tracer.spanBuilder("a");
    for (int i = 0; i < 12; i++) {
      builder.setAttribute("attribute-" + i, i);
    }
    io.opentelemetry.api.trace.Span full = builder.startSpan();
    for (int i = 0; i < MAX_EVENTS + 3; i++) {
      full.addEvent("event");
    }
    full.end();

    Span span = encoded().getScopeSpans(0).getSpans(0);

    assertThat(span.getAttributesCount()).isEqualTo(9);
    assertThat(span.getDroppedAttributesCount()).isEqualTo(3);
    assertThat(span.getEventsCount()).isEqualTo(MAX_EVENTS);
    assertThat(span.getDroppedEventsCount()).isEqualTo(3);
  }

  @Test
  void spansAreGroupedByScopeAndSayWhereTheyComeFrom() throws Exception {
    Tracer other = provider.get("b");
    for (int i = 0; i < 300; i++) { // lengths of one to three bytes
      (i % 3 == 0 ? other : tracer).spanBuilder("n".repeat(i)).startSpan().end();
    }

    for (int round = 0; round < 2; round++) {
      ResourceSpans spans = encoded();

      assertThat(spans.getResource().getAttributesList()).contains(text("service.name", "picker"));
      assertThat(spans.getScopeSpansList())
          .extracting(scope -> scope.getScope().getName() + '/' + scope.getScope().getVersion())
          .containsExactlyInAnyOrder("a/1", "b/");
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
  void nothingIsAResourceWithoutSpans() throws Exception {
    assertThat(encoded().getScopeSpansList()).isEmpty();
  }
}
