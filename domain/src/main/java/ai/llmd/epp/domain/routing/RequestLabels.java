package ai.llmd.epp.domain.routing;

import ai.llmd.epp.domain.request.InferenceRequest;

/**
 * Who asked for what, as metrics, logs and decision records name it.
 *
 * @param incomingModel model as the client named it; empty when none
 * @param targetModel model served; empty when none
 */
public record RequestLabels(
    String requestId, String incomingModel, String targetModel, String fairnessId, int priority) {

  /** Fairness id of a request that names none. */
  public static final String DEFAULT_FAIRNESS_ID = "default-flow";

  public static RequestLabels of(InferenceRequest request) {
    return new RequestLabels(
        request.requestId(),
        request.incomingModel(),
        request.targetModel(),
        request.fairnessId().isEmpty() ? DEFAULT_FAIRNESS_ID : request.fairnessId(),
        request.priority());
  }

  /** A request without a body, or a stream without a request. */
  public static RequestLabels anonymous(String requestId) {
    return new RequestLabels(requestId, "", "", DEFAULT_FAIRNESS_ID, 0);
  }
}
