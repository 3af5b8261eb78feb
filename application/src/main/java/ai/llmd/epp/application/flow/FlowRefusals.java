package ai.llmd.epp.application.flow;

import ai.llmd.epp.application.Admission.Refused;
import ai.llmd.epp.domain.flow.FlowOutcome;
import ai.llmd.epp.domain.routing.RoutingDecision.Reason;

/** What a client is answered whose request flow control did not let in. */
final class FlowRefusals {

  private static final String REJECTED = "request rejected pre-queue: ";
  private static final String EVICTED = "request evicted from queue: ";
  private static final String NO_ENDPOINTS = "no endpoints available";
  private static final String EXPIRED = "request TTL expired";
  private static final String GONE = "client disconnected: ";
  private static final String CANCELLED = "request context cancelled: context canceled";
  private static final String TIMED_OUT = "request timed out in queue: ";
  private static final String TIMED_OUT_EMPTY =
      "request timed out in queue and no endpoints are available: ";
  private static final String STOPPING = "flow controller shutting down: ";
  private static final String STOPPED = "flow controller is not running";

  private FlowRefusals() {}

  /**
   * The refusal for an outcome that is none of the good ones.
   *
   * @param isPoolEmpty as of now
   * @param retryAfterSeconds when there may be room; 0 if that is not known
   */
  static Refused of(FlowOutcome outcome, boolean isPoolEmpty, int retryAfterSeconds) {
    return switch (outcome) {
      case REJECTED_CAPACITY ->
          new Refused(Reason.QUEUE_FULL, REJECTED + "queue at capacity", retryAfterSeconds);
      case REJECTED_NO_ENDPOINTS ->
          new Refused(Reason.NO_CANDIDATE, NO_ENDPOINTS + ": " + REJECTED + NO_ENDPOINTS);
      case REJECTED_EXPIRED -> expired(REJECTED, isPoolEmpty);
      case EVICTED_TTL -> expired(EVICTED, isPoolEmpty);
      case EVICTED_NO_ENDPOINTS ->
          new Refused(
              Reason.NO_CANDIDATE, TIMED_OUT_EMPTY + EVICTED + EXPIRED + ": " + NO_ENDPOINTS);
      case EVICTED_CONTEXT_CANCELLED -> new Refused(Reason.CLIENT_GONE, GONE + EVICTED + CANCELLED);
      case REJECTED_CANCELLED -> new Refused(Reason.CLIENT_GONE, GONE + REJECTED + CANCELLED);
      case REJECTED_OTHER -> new Refused(Reason.STOPPING, STOPPING + REJECTED + STOPPED);
      case EVICTED_OTHER -> new Refused(Reason.STOPPING, STOPPING + EVICTED + STOPPED);
      case DISPATCHED, NOT_YET_FINALIZED ->
          throw new IllegalArgumentException(outcome + " is no refusal");
    };
  }

  private static Refused expired(String where, boolean isPoolEmpty) {
    return isPoolEmpty
        ? new Refused(Reason.NO_CANDIDATE, TIMED_OUT_EMPTY + where + EXPIRED)
        : new Refused(Reason.QUEUE_TIMEOUT, TIMED_OUT + where + EXPIRED);
  }
}
