package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.request.RequestHeaders;

/** Begins the trace of each request. Called from event loops: never blocks, never throws. */
@FunctionalInterface
public interface RequestTracer {

  /** Traces nothing, and passes no trace context on. */
  RequestTracer OFF = (headers, arrivedAtNanos) -> RequestTrace.NONE;

  /**
   * A request's headers have come.
   *
   * @param headers the client's; its trace context is found there (W3C Trace Context)
   * @param arrivedAtNanos {@link System#nanoTime()} at their arrival
   * @return a shared object for a request whose spans are not recorded
   */
  RequestTrace begin(RequestHeaders headers, long arrivedAtNanos);
}
