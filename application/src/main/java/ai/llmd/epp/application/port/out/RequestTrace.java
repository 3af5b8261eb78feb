package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.request.RequestHeaders;
import ai.llmd.epp.domain.routing.ResponseSummary;
import ai.llmd.epp.domain.routing.RoutingDecision;
import org.jspecify.annotations.Nullable;

/**
 * The trace of one request, from its headers to the end of its stream. Where nothing is recorded
 * every method but {@link #handOn} does nothing. One stream's thread, unless a method has another
 * rule; never blocks, never throws.
 */
public interface RequestTrace {

  /** Records nothing, and passes no trace context on. */
  RequestTrace NONE = new RequestTrace() {};

  /**
   * By which a recorded trace, and the span of its request, are found.
   *
   * @param traceId 32 hexadecimal digits
   * @param spanId 16 hexadecimal digits
   */
  record Ids(String traceId, String spanId) {}

  /** Takes headers; the last one is added first, since answers are written backwards. */
  interface Headers {
    void add(String name, String value);

    /**
     * The same of a value that is encoded already.
     *
     * @param ascii is not changed
     */
    void add(String name, byte[] ascii);
  }

  /**
   * Adds the headers by which the spans of the model server join the trace.
   *
   * @param client the headers as the client sent them
   * @param isEchoed whether the client's own headers follow in the same answer
   */
  default void handOn(RequestHeaders client, boolean isEchoed, Headers headers) {}

  /** The request was decided, just now. */
  default void decided(RoutingDecision decision) {}

  /**
   * The request ended with an error.
   *
   * @param code the reference's name of the error, such as {@code BadRequest}
   * @param detail a sentence without anything of the prompt; may be empty
   */
  default void failed(String code, String detail) {}

  /** The response is over, just now. */
  default void responded(ResponseSummary summary) {}

  /** The stream is over; always the last call, exactly once. */
  default void end() {}

  /** Where the request is found; null when it is not recorded. */
  default @Nullable Ids recordedIds() {
    return null;
  }

  /** Puts the trace's ids into the log lines of this thread, until {@link #leave}. */
  default void enter() {}

  /** Ends what {@link #enter} began, on the same thread. */
  default void leave() {}

  /** The same task, with the trace's ids in its log lines. Any thread may run it. */
  default Runnable scoped(Runnable task) {
    return task;
  }
}
