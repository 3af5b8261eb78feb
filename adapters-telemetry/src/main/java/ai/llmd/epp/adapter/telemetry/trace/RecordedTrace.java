package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.traces.TraceParent;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.MDC;

/**
 * The trace of a request whose spans are recorded. Its span {@code gateway.request} lasts as long
 * as the stream; the others are made afterwards, of what a decision and a response show.
 */
final class RecordedTrace implements RequestTrace {

  private static final String TRACE_ID = "trace_id";
  private static final String SPAN_ID = "span_id";
  private static final String RESPONSE = "llm_d.epp.response.";
  private static final AttributeKey<String> TERMINATION =
      AttributeKey.stringKey(RESPONSE + "termination");
  private static final AttributeKey<Boolean> STREAMING =
      AttributeKey.booleanKey(RESPONSE + "streaming");
  private static final AttributeKey<Long> BYTES = AttributeKey.longKey(RESPONSE + "bytes");
  private static final AttributeKey<Double> TTFT =
      AttributeKey.doubleKey(RESPONSE + "ttft_seconds");
  private static final AttributeKey<Long> INPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.input_tokens");
  private static final AttributeKey<Long> OUTPUT_TOKENS =
      AttributeKey.longKey("gen_ai.usage.output_tokens");
  private static final AttributeKey<String> EXCEPTION_TYPE =
      AttributeKey.stringKey("exception.type");
  private static final AttributeKey<String> EXCEPTION_MESSAGE =
      AttributeKey.stringKey("exception.message");

  private final Spans spans;
  private final Span request;
  private final LongSupplier nanoClock;
  private final long arrivedAtNanos;
  private final long epochOffset;
  private long answeredAtNanos;

  /**
   * @param request the span {@code gateway.request}
   * @param arrivedAtNanos on the clock
   * @param epochOffset what makes of the clock's nanoseconds those since 1970
   */
  RecordedTrace(
      Spans spans, Span request, LongSupplier nanoClock, long arrivedAtNanos, long epochOffset) {
    this.spans = spans;
    this.request = request;
    this.nanoClock = nanoClock;
    this.arrivedAtNanos = arrivedAtNanos;
    this.answeredAtNanos = arrivedAtNanos;
    this.epochOffset = epochOffset;
  }

  @Override
  public void handOn(RequestHeaders client, boolean isEchoed, Headers headers) {
    SpanContext own = request.getSpanContext();
    PassedContext.addBaggage(client, headers);
    if (TraceParent.of(client.value(TraceParent.HEADER)) != null) {
      PassedContext.addState(client, headers);
    }
    headers.add(
        TraceParent.HEADER, new TraceParent(own.getTraceId(), own.getSpanId(), true).header());
  }

  @Override
  public void decided(RoutingDecision decision) {
    answeredAtNanos = nanoClock.getAsLong();
    new DecisionSpans(spans, request).add(decision, answeredAtNanos + epochOffset);
  }

  /** As the reference does: a status, and an event as of an exception. */
  @Override
  public void failed(String code, String detail) {
    String message = detail.isEmpty() ? code : code + " - " + detail;
    request.setStatus(StatusCode.ERROR, message);
    request.addEvent(
        "exception",
        Attributes.of(EXCEPTION_TYPE, code, EXCEPTION_MESSAGE, message),
        nanoClock.getAsLong() + epochOffset,
        TimeUnit.NANOSECONDS);
  }

  @Override
  public void responded(ResponseSummary summary) {
    Span response =
        Spans.within(request, spans.handlers(), "gateway.response", answeredAtNanos + epochOffset)
            .setAttribute(TERMINATION, summary.termination().label())
            .setAttribute(STREAMING, summary.isStreaming())
            .setAttribute(BYTES, summary.responseBytes())
            .startSpan();
    if (summary.firstByteNanos() >= 0) {
      response.setAttribute(TTFT, summary.firstByteNanos() / 1e9);
      response.addEvent(
          "first_byte",
          arrivedAtNanos + summary.firstByteNanos() + epochOffset,
          TimeUnit.NANOSECONDS);
    }
    Usage usage = summary.usage();
    if (usage.totalTokens() > 0) {
      response.setAttribute(INPUT_TOKENS, usage.promptTokens());
      response.setAttribute(OUTPUT_TOKENS, usage.completionTokens());
    }
    Spans.end(response, nanoClock.getAsLong() + epochOffset);
  }

  @Override
  public void end() {
    Spans.end(request, nanoClock.getAsLong() + epochOffset);
  }

  @Override
  public Ids recordedIds() {
    SpanContext own = request.getSpanContext();
    return new Ids(own.getTraceId(), own.getSpanId());
  }

  @Override
  public void enter() {
    SpanContext own = request.getSpanContext();
    MDC.put(TRACE_ID, own.getTraceId());
    MDC.put(SPAN_ID, own.getSpanId());
  }

  @Override
  public void leave() {
    MDC.remove(TRACE_ID);
    MDC.remove(SPAN_ID);
  }

  @Override
  public Runnable scoped(Runnable task) {
    return () -> {
      enter();
      try {
        task.run();
      } finally {
        leave();
      }
    };
  }
}
