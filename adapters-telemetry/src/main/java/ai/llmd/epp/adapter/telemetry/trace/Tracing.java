package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.application.port.out.RequestTrace;
import ai.llmd.epp.application.port.out.RequestTracer;
import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.scheduling.handler.StageProfiles;
import ai.llmd.epp.traces.TraceExport;
import ai.llmd.epp.traces.TraceParent;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Traces requests as the environment asks for it. Whether a request is recorded is decided when its
 * headers come: as its caller decided, and by chance where there is no trace yet. For one that is
 * not, this object hands out one and the same trace, which costs nothing.
 */
public final class Tracing implements RequestTracer, AutoCloseable {

  private final TraceExport export;
  private final PassedContext unrecorded;
  private final RecordedTrace.Recording recording;

  private Tracing(TraceExport export, RecordedTrace.Recording recording) {
    this.export = export;
    this.unrecorded = new PassedContext(export.ids(), export.isOn());
    this.recording = recording;
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
    return new Tracing(
        export, new RecordedTrace.Recording(export, Scopes.of(version), nanoClock, stages));
  }

  @Override
  public RequestTrace begin(RequestHeaders headers, long arrivedAtNanos) {
    if (!export.isOn()) {
      return unrecorded;
    }
    TraceParent parent = TraceParent.of(headers.value(TraceParent.HEADER));
    boolean isChosen = parent == null ? export.ids().isChosen() : parent.isSampled();
    return isChosen
        ? new RecordedTrace(recording, RequestSpan.within(parent, export.ids()), arrivedAtNanos)
        : unrecorded;
  }

  /** Exports what is queued, for some seconds at most. */
  @Override
  public void close() {
    export.close();
  }
}
