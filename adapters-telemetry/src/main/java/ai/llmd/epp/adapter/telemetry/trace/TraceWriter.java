package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.traces.span.SpanHead;
import ai.llmd.epp.traces.span.SpanKind;
import ai.llmd.epp.traces.span.SpanScope;
import ai.llmd.epp.traces.span.SpanWriter;
import ai.llmd.epp.traces.span.TraceId;

/**
 * Writes the spans of one trace. A span is written when its end is known, behind those within it,
 * so that its id has to be made first. Times are in nanoseconds since 1970.
 */
record TraceWriter(SpanWriter out, TraceId trace, Scopes scopes) {

  /** Begins a span within another one; it has to be ended. */
  SpanWriter begin(
      SpanScope scope, String name, long id, long parentId, long startNanos, long endNanos) {
    return out.begin(
        new SpanHead(
            scope, name, SpanKind.INTERNAL, trace, id, parentId, false, startNanos, endNanos));
  }
}
