package ai.llmd.epp.domain.request;

/**
 * What the client's headers and the gateway ask of the routing.
 *
 * @param targetModel model to serve, from the rewrite header; empty when none
 * @param objective name of the InferenceObjective asked for; empty when none
 * @param fairnessId whose turn it is in a queue; empty when no header gives it
 * @param subset endpoints that the gateway allows
 */
public record RoutingHints(
    String targetModel, String objective, String fairnessId, SubsetHint subset) {

  /** Nothing is asked for. */
  public static final RoutingHints NONE = new RoutingHints("", "", "", SubsetHint.ALL);
}
