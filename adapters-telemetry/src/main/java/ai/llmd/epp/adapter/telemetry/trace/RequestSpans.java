package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.traces.RandomIds;
import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.EndedSpans;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanKind;
import ai.llmd.epp.traces.span.SpanWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spans of a request and of its response. Times are in nanoseconds since 1970.
 *
 * @param arrivedAtNanos when its headers came
 * @param endedAtNanos when its stream was over
 * @param response null when there was none
 */
record RequestSpans(
    Scopes scopes,
    RequestSpan request,
    long arrivedAtNanos,
    long endedAtNanos,
    @Nullable Response response,
    List<Failure> failures)
    implements EndedSpans {

  private static final String RESPONSE = "llm_d.epp.response.";
  private static final AttributeName TERMINATION = AttributeName.of(RESPONSE + "termination");
  private static final AttributeName STREAMING = AttributeName.of(RESPONSE + "streaming");
  private static final AttributeName BYTES = AttributeName.of(RESPONSE + "bytes");
  private static final AttributeName TTFT = AttributeName.of(RESPONSE + "ttft_seconds");
  private static final AttributeName INPUT_TOKENS = AttributeName.of("gen_ai.usage.input_tokens");
  private static final AttributeName OUTPUT_TOKENS = AttributeName.of("gen_ai.usage.output_tokens");
  private static final AttributeName EXCEPTION_TYPE = AttributeName.of("exception.type");
  private static final AttributeName EXCEPTION_MESSAGE = AttributeName.of("exception.message");

  RequestSpans {
    failures = List.copyOf(failures);
  }

  /**
   * A response that is over.
   *
   * @param startNanos when the request was decided
   */
  record Response(ResponseSummary summary, long startNanos, long endNanos) {}

  /**
   * Why the request ended with an error.
   *
   * @param code the reference's name of the error
   * @param message the same with what is known of it
   */
  record Failure(String code, String message, long atNanos) {}

  @Override
  public int count() {
    return response == null ? 1 : 2;
  }

  @Override
  public void writeTo(SpanWriter writer) {
    if (response != null) {
      write(response, new TraceWriter(writer, request.trace(), scopes));
    }
    writer.begin(
        new SpanHead(
            scopes.handlers(),
            "gateway.request",
            SpanKind.SERVER,
            request.trace(),
            request.id(),
            request.parentId(),
            request.parentId() != 0,
            arrivedAtNanos,
            endedAtNanos));
    for (Failure failure : failures) {
      writer
          .event("exception", failure.atNanos())
          .attribute(EXCEPTION_TYPE, failure.code())
          .attribute(EXCEPTION_MESSAGE, failure.message());
    }
    if (!failures.isEmpty()) {
      writer.failed(failures.getLast().message());
    }
    writer.end();
  }

  private void write(Response over, TraceWriter spans) {
    ResponseSummary summary = over.summary();
    SpanWriter span =
        spans
            .begin(
                scopes.handlers(),
                "gateway.response",
                RandomIds.spanId(),
                request.id(),
                over.startNanos(),
                over.endNanos())
            .attribute(TERMINATION, summary.termination().label())
            .attribute(STREAMING, summary.isStreaming())
            .attribute(BYTES, summary.responseBytes());
    Usage usage = summary.usage();
    if (usage.totalTokens() > 0) {
      span.attribute(INPUT_TOKENS, usage.promptTokens())
          .attribute(OUTPUT_TOKENS, usage.completionTokens());
    }
    if (summary.firstByteNanos() >= 0) {
      span.attribute(TTFT, summary.firstByteNanos() / 1e9)
          .event("first_byte", arrivedAtNanos + summary.firstByteNanos());
    }
    span.end();
  }
}
