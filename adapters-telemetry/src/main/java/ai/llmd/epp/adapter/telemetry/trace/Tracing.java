package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import ai.llmd.epp.traces.TraceExport;
import ai.llmd.epp.traces.TraceParent;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.Context;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Traces requests as the environment asks for it. Whether a request is recorded is decided when its
 * headers come: as its caller decided, and by chance where there is no trace yet. For one that is
 * not, this object hands out one and the same trace, which costs nothing.
 */
public final class Tracing implements RequestTracer, AutoCloseable {

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private final TraceExport export;
  private final PassedContext unrecorded;
  private final LongSupplier nanoClock;
  private final @Nullable Spans spans; // null without an exporter

  private Tracing(TraceExport export, LongSupplier nanoClock, @Nullable Spans spans) {
    this.export = export;
    this.unrecorded = new PassedContext(export.ids(), spans != null);
    this.nanoClock = nanoClock;
    this.spans = spans;
  }

  /**
   * Reads the environment and starts what it asks for; without an exporter, nothing is recorded.
   *
   * @param environment variables by name; {@code OTEL_…} are read
   * @param meters count the spans
   * @param version of the build, and its commit
   * @param nanoClock as {@link System#nanoTime()}
   * @param stages the profiles in force whose picks divide requests
   */
  public static Tracing start(
      Map<String, String> environment,
      SpanMeters meters,
      String version,
      String commit,
      LongSupplier nanoClock,
      Supplier<StageProfiles> stages) {
    TraceExport export =
        TraceExport.start(
            new TraceExport.Program("llm-d-epp", version, commit), environment, meters);
    TracerProvider provider = export.provider();
    return new Tracing(
        export, nanoClock, provider == null ? null : Spans.of(provider, version, stages));
  }

  @Override
  public RequestTrace begin(RequestHeaders headers, long arrivedAtNanos) {
    Spans recording = spans;
    if (recording == null) {
      return unrecorded;
    }
    TraceParent parent = TraceParent.of(headers.value(TraceParent.HEADER));
    boolean isChosen = parent == null ? export.ids().isChosen() : parent.isSampled();
    return isChosen ? record(recording, parent, arrivedAtNanos) : unrecorded;
  }

  private RecordedTrace record(Spans recording, @Nullable TraceParent parent, long arrivedAtNanos) {
    Instant now = Instant.now();
    long epochOffset =
        now.getEpochSecond() * NANOS_PER_SECOND + now.getNano() - nanoClock.getAsLong();
    Span request =
        recording
            .handlers()
            .spanBuilder("gateway.request")
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent == null ? Context.root() : Context.root().with(remote(parent)))
            .setStartTimestamp(arrivedAtNanos + epochOffset, TimeUnit.NANOSECONDS)
            .startSpan();
    return new RecordedTrace(recording, request, nanoClock, arrivedAtNanos, epochOffset);
  }

  private static Span remote(TraceParent parent) {
    return Span.wrap(
        SpanContext.createFromRemoteParent(
            parent.traceId(), parent.spanId(), TraceFlags.getSampled(), TraceState.getDefault()));
  }

  /** Exports what is queued, for some seconds at most. */
  @Override
  public void close() {
    export.close();
  }
}
