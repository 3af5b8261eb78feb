package ai.llmd.epp.domain.routing;

/**
 * A response as it looked when it ended.
 *
 * @param responseBytes body bytes that came from the model server
 * @param streamedEvents {@code data:} lines other than the terminator
 * @param firstByteNanos from the request's arrival to the first response byte; -1 when none came,
 *     or when the request was not seen
 * @param durationNanos from the request's arrival to the end; 0 when the request was not seen
 */
public record ResponseSummary(
    Termination termination,
    Usage usage,
    boolean isStreaming,
    long responseBytes,
    long streamedEvents,
    long firstByteNanos,
    long durationNanos) {}
