package ai.llmd.epp.domain.flow;

/** What became of a request in flow control. */
public enum FlowOutcome {
  /** It is queued. */
  NOT_YET_FINALIZED("NotYetFinalized"),
  /** It had its turn. */
  DISPATCHED("Dispatched"),
  /** As much waits as may. */
  REJECTED_CAPACITY("RejectedCapacity"),
  /** As much waits as may, and the pool is empty. */
  REJECTED_NO_ENDPOINTS("RejectedNoEndpoints"),
  /** The program stops, or flow control failed, before it was queued. */
  REJECTED_OTHER("RejectedOther"),
  /** It was to be given up before it was queued. */
  REJECTED_EXPIRED("RejectedOther"),
  /** The client left before it was queued. */
  REJECTED_CANCELLED("RejectedOther"),
  /** It waited as long as it might. */
  EVICTED_TTL("EvictedTTL"),
  /** It waited for an endpoint as long as it might. */
  EVICTED_NO_ENDPOINTS("EvictedNoEndpoints"),
  /** The client left while it waited. */
  EVICTED_CONTEXT_CANCELLED("EvictedContextCancelled"),
  /** The program stopped, or flow control failed, while it waited. */
  EVICTED_OTHER("EvictedOther");

  private final String label;

  FlowOutcome(String label) {
    this.label = label;
  }

  /** Whether the client does not want an answer any more. */
  public boolean isOfClient() {
    return this == REJECTED_CANCELLED || this == EVICTED_CONTEXT_CANCELLED;
  }

  /** Whether the request was never queued. */
  public boolean isRejection() {
    return switch (this) {
      case REJECTED_CAPACITY,
          REJECTED_NO_ENDPOINTS,
          REJECTED_OTHER,
          REJECTED_EXPIRED,
          REJECTED_CANCELLED ->
          true;
      case NOT_YET_FINALIZED,
          DISPATCHED,
          EVICTED_TTL,
          EVICTED_NO_ENDPOINTS,
          EVICTED_CONTEXT_CANCELLED,
          EVICTED_OTHER ->
          false;
    };
  }

  /** As metrics show it. */
  public String label() {
    return label;
  }
}
