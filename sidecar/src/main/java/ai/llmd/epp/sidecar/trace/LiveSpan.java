package ai.llmd.epp.sidecar.trace;

import ai.llmd.epp.traces.RandomIds;
import ai.llmd.epp.traces.TraceExport;
import ai.llmd.epp.traces.TraceParent;
import ai.llmd.epp.traces.WallClock;
import ai.llmd.epp.traces.span.AttributeName;
import ai.llmd.epp.traces.span.EndedSpans;
import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanKind;
import ai.llmd.epp.traces.span.SpanScope;
import ai.llmd.epp.traces.span.SpanWriter;
import ai.llmd.epp.traces.span.TraceId;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A span that gets its attributes while it runs, and is queued for the exporter when it ends.
 * Nothing has an effect after that. Any thread.
 */
final class LiveSpan implements EndedSpans {

  private final Recording recording;
  private final String name;
  private final SpanKind kind;
  private final TraceId trace;
  private final long id = RandomIds.spanId();
  private final long parentId;
  private final boolean isParentRemote;
  private final long epochOffset; // one for the whole trace
  private final long startNanos = System.nanoTime();
  private final Map<String, Object> attributes = new LinkedHashMap<>(); // guarded by this, as below
  private @Nullable String failure;
  private long endNanos;
  private boolean isEnded;

  /** Where the spans of a program come from and go to. */
  record Recording(TraceExport export, SpanScope scope) {}

  private LiveSpan(
      Recording recording,
      String name,
      SpanKind kind,
      TraceId trace,
      long parentId,
      boolean isParentRemote,
      long epochOffset) {
    this.recording = recording;
    this.name = name;
    this.kind = kind;
    this.trace = trace;
    this.parentId = parentId;
    this.isParentRemote = isParentRemote;
    this.epochOffset = epochOffset;
  }

  /**
   * Begins the span of a request.
   *
   * @param parent the caller's; null when the trace begins here
   */
  static LiveSpan ofRequest(Recording recording, String name, @Nullable TraceParent parent) {
    long epochOffset = WallClock.offset(System.nanoTime());
    return parent == null
        ? new LiveSpan(
            recording,
            name,
            SpanKind.SERVER,
            recording.export().ids().chosenTraceId(),
            0,
            false,
            epochOffset)
        : new LiveSpan(
            recording, name, SpanKind.SERVER, parent.traceId(), parent.spanId(), true, epochOffset);
  }

  /** Begins a span within this one. */
  LiveSpan within(String child, SpanKind childKind) {
    return new LiveSpan(recording, child, childKind, trace, id, false, epochOffset);
  }

  /** The header by which what others record joins this span. */
  String header() {
    return new TraceParent(trace, id, true).header();
  }

  LiveSpan with(String attribute, String value) {
    return put(attribute, SpanWriter.cut(value));
  }

  LiveSpan with(String attribute, long value) {
    return put(attribute, value);
  }

  LiveSpan with(String attribute, double value) {
    return put(attribute, value);
  }

  LiveSpan with(String attribute, boolean value) {
    return put(attribute, value);
  }

  private synchronized LiveSpan put(String attribute, Object value) {
    if (!isEnded) {
      attributes.put(attribute, value);
    }
    return this;
  }

  synchronized void failed(String reason) {
    if (!isEnded) {
      failure = reason;
    }
  }

  void end() {
    synchronized (this) {
      if (isEnded) {
        return;
      }
      isEnded = true;
      endNanos = System.nanoTime();
    }
    recording.export().add(this);
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public synchronized void writeTo(SpanWriter writer) {
    writer.begin(
        new SpanHead(
            recording.scope(),
            name,
            kind,
            trace,
            id,
            parentId,
            isParentRemote,
            startNanos + epochOffset,
            endNanos + epochOffset));
    attributes.forEach((attribute, value) -> write(writer, AttributeName.of(attribute), value));
    if (failure != null) {
      writer.failed(failure);
    }
    writer.end();
  }

  private static void write(SpanWriter writer, AttributeName name, Object value) {
    switch (value) {
      case Long number -> writer.attribute(name, number);
      case Double number -> writer.attribute(name, number);
      case Boolean claim -> writer.attribute(name, claim);
      default -> writer.attribute(name, value.toString());
    }
  }
}
