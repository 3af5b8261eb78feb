package ai.llmd.epp.domain.latency;

/**
 * How long something took that is predicted.
 *
 * @param row the request and its endpoint as they were when the request was sent
 * @param millis finite and above 0 in what is worth learning from
 */
public record LatencyObservation(Kind kind, LatencyRow row, double millis) {

  /** What took the time. */
  public enum Kind {
    /** The first token of an answer that was streamed. */
    FIRST_TOKEN,
    /** An answer that came as a whole. */
    WHOLE_ANSWER,
    /** Each further token of an answer that was streamed, on average. */
    FURTHER_TOKENS
  }

  /** Whether it is a time at all. */
  boolean isTime() {
    return millis > 0 && Double.isFinite(millis);
  }
}
