package ai.llmd.epp.domain.request;

/**
 * What the client's headers and the gateway ask of the routing.
 *
 * @param targetModel model to serve, from the rewrite header; empty when none
 * @param objective name of the InferenceObjective asked for; empty when none
 * @param fairnessId whose turn it is in a queue; empty when no header gives it
 * @param subset endpoints that the gateway allows
 * @param deadlineNanos when the gateway gives the request up, by {@link System#nanoTime()}; {@link
 *     #NEVER} when it does not
 */
public record RoutingHints(
    String targetModel,
    String objective,
    String fairnessId,
    SubsetHint subset,
    long deadlineNanos) {

  /** A time that does not come. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Nothing is asked for. */
  public static final RoutingHints NONE = new RoutingHints("", "", "", SubsetHint.ALL, NEVER);
}
