package ai.llmd.epp.adapter.telemetry.trace;

import ai.llmd.epp.traces.RandomIds;
import ai.llmd.epp.traces.TraceParent;
import ai.llmd.epp.traces.span.TraceId;
import org.jspecify.annotations.Nullable;

/**
 * The span {@code gateway.request} as the others and the headers know it.
 *
 * @param parentId the caller's span; 0 when the trace begins here
 */
record RequestSpan(TraceId trace, long id, long parentId) {

  /**
   * @param parent the caller's context; null when the trace begins here
   */
  static RequestSpan within(@Nullable TraceParent parent, RandomIds ids) {
    return parent == null
        ? new RequestSpan(ids.chosenTraceId(), RandomIds.spanId(), 0)
        : new RequestSpan(parent.traceId(), RandomIds.spanId(), parent.spanId());
  }
}
