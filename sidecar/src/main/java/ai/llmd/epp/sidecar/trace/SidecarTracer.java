package ai.llmd.epp.sidecar.trace;

import ai.llmd.epp.sidecar.edge.Exchange;
import ai.llmd.epp.traces.SpanCounts;
import ai.llmd.epp.traces.TraceExport;
import ai.llmd.epp.traces.TraceParent;
import ai.llmd.epp.traces.span.SpanScope;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Traces requests as the environment asks for it. Whether a request is recorded is decided when its
 * headers come: as its caller decided, and by chance where there is no trace yet. Others cost
 * nothing. Any thread.
 */
public final class SidecarTracer implements AutoCloseable {

  /** Records nothing. */
  public static final SidecarTracer OFF = new SidecarTracer(null);

  private static final Logger log = LoggerFactory.getLogger(SidecarTracer.class);
  private static final String SERVICE = "llm-d-disagg-sidecar";
  private static final String SCOPE = "llm-d-router/pkg/sidecar/proxy";

  private final @Nullable Recording recording; // null when nothing is exported

  private record Recording(LiveSpan.Recording spans, ConnectorNames names) {}

  private SidecarTracer(@Nullable Recording recording) {
    this.recording = recording;
  }

  /**
   * Reads the environment and starts what it asks for; without an exporter, nothing is recorded.
   *
   * @param environment variables by name; {@code OTEL_…} are read
   * @param version of the build
   */
  public static SidecarTracer start(
      Map<String, String> environment, SpanCounts counts, ConnectorNames names, String version) {
    TraceExport export =
        TraceExport.start(
            new TraceExport.Program(SERVICE, version, "unknown"), environment, counts);
    if (!export.isOn()) {
      log.info("--tracing: OTEL_TRACES_EXPORTER names no exporter, no traces are recorded");
      return OFF;
    }
    return new SidecarTracer(
        new Recording(new LiveSpan.Recording(export, new SpanScope(SCOPE, version)), names));
  }

  /** Begins the trace of a request, on its loop. */
  public CallTrace begin(Exchange exchange) {
    Recording now = recording;
    if (now == null) {
      return CallTrace.NONE;
    }
    String header = exchange.request().headers().get(TraceParent.HEADER);
    if (TraceParent.isUnsampled(header)) {
      return CallTrace.NONE;
    }
    TraceParent parent = TraceParent.of(header);
    return parent != null || now.spans.export().ids().isChosen()
        ? RecordedCall.begin(now.spans, now.names, parent, exchange)
        : CallTrace.NONE;
  }

  /** Exports what is queued, for some seconds at most. */
  @Override
  public void close() {
    if (recording != null) {
      recording.spans.export().close();
    }
  }
}
