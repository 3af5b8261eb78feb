package ai.llmd.epp.traces.span;

/**
 * What every span has. Times are in nanoseconds since 1970.
 *
 * @param id not zero
 * @param parentId the span that it is a part of; 0 for none
 * @param isParentRemote whether the parent is another program's
 */
public record SpanHead(
    SpanScope scope,
    String name,
    SpanKind kind,
    TraceId trace,
    long id,
    long parentId,
    boolean isParentRemote,
    long startNanos,
    long endNanos) {}
