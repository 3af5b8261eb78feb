package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import ai.llmd.epp.traces.TraceExport;
import ai.llmd.epp.traces.TraceParent;
import ai.llmd.epp.traces.WallClock;
import ai.llmd.epp.traces.span.SpanWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The trace of a request whose spans are recorded. They are made of what a decision and a response
 * show, when they are exported: here is only noted when things happened.
 */
final class RecordedTrace implements RequestTrace {

  private static final String TRACE_ID = "trace_id";
  private static final String SPAN_ID = "span_id";
  private static final int MAX_FAILURES = 16;

  private final Recording recording;
  private final RequestSpan request;
  private final Ids ids; // the same as text
  private final long arrivedAtNanos; // on the clock
  private final long epochOffset;
  private final List<RequestSpans.Failure> failures = new ArrayList<>(0);
  private long answeredAtNanos;
  private RequestSpans.@Nullable Response response;

  /**
   * What all traces of a program share.
   *
   * @param nanoClock as {@link System#nanoTime()}
   * @param stages the profiles in force whose picks divide requests
   */
  record Recording(
      TraceExport export, Scopes scopes, LongSupplier nanoClock, Supplier<StageProfiles> stages) {}

  /**
   * @param arrivedAtNanos on the clock
   */
  RecordedTrace(Recording recording, RequestSpan request, long arrivedAtNanos) {
    this.recording = recording;
    this.request = request;
    this.ids = new Ids(request.trace().text(), HexFormat.of().toHexDigits(request.id()));
    this.arrivedAtNanos = arrivedAtNanos;
    this.answeredAtNanos = arrivedAtNanos;
    this.epochOffset = WallClock.offset(recording.nanoClock().getAsLong());
  }

  private long nowNanos() {
    return recording.nanoClock().getAsLong();
  }

  @Override
  public void handOn(RequestHeaders client, boolean isEchoed, Headers headers) {
    PassedContext.addBaggage(client, headers);
    if (request.parentId() != 0) {
      PassedContext.addState(client, headers);
    }
    headers.add(TraceParent.HEADER, new TraceParent(request.trace(), request.id(), true).ascii());
  }

  @Override
  public void decided(RoutingDecision decision) {
    answeredAtNanos = nowNanos();
    recording
        .export()
        .add(
            DecidedSpans.of(
                decision,
                recording.scopes(),
                request,
                recording.stages().get(),
                answeredAtNanos + epochOffset));
  }

  /** As the reference does: a status, and an event as of an exception. */
  @Override
  public void failed(String code, String detail) {
    if (failures.size() < MAX_FAILURES) {
      String message = detail.isEmpty() ? code : code + " - " + detail;
      failures.add(
          new RequestSpans.Failure(code, SpanWriter.cut(message), nowNanos() + epochOffset));
    }
  }

  @Override
  public void responded(ResponseSummary summary) {
    response =
        new RequestSpans.Response(summary, answeredAtNanos + epochOffset, nowNanos() + epochOffset);
  }

  @Override
  public void end() {
    recording
        .export()
        .add(
            new RequestSpans(
                recording.scopes(),
                request,
                arrivedAtNanos + epochOffset,
                nowNanos() + epochOffset,
                response,
                failures));
  }

  @Override
  public Ids recordedIds() {
    return ids;
  }

  @Override
  public void enter() {
    MDC.put(TRACE_ID, ids.traceId());
    MDC.put(SPAN_ID, ids.spanId());
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
