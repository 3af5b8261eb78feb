package ai.llmd.epp.domain.request;

import java.util.List;

/**
 * One request as its parser understood it, and as the first routing step completed it.
 *
 * <p>The prompts are views over the body's bytes: they live as long as the request and are neither
 * logged nor kept.
 *
 * @param requestId {@code x-request-id}, generated when the client sent none
 * @param headers the client's headers
 * @param api which API the body speaks
 * @param incomingModel model as the client named it; empty when none
 * @param targetModel model to be served; before routing the rewrite header's value or empty
 * @param isModelRewritable whether the parser can write another model into the body
 * @param isStreaming whether the client asked for a streamed response
 * @param outputTokenCap most tokens the client wants; -1 when not said
 * @param prompts what the model will read; empty when the body is not understood
 * @param cacheSalt separates prefix caches; empty when none
 * @param bodyBytes size of the body as received
 * @param objective name of the InferenceObjective asked for; empty when none
 * @param priority below 0 means sheddable
 * @param fairnessId whose turn it is in a queue; empty before routing when no header said
 * @param subset endpoints that the gateway allows
 */
public record InferenceRequest(
    String requestId,
    RequestHeaders headers,
    ApiKind api,
    String incomingModel,
    String targetModel,
    boolean isModelRewritable,
    boolean isStreaming,
    long outputTokenCap,
    List<Prompt> prompts,
    String cacheSalt,
    long bodyBytes,
    String objective,
    int priority,
    String fairnessId,
    SubsetHint subset) {

  public InferenceRequest {
    prompts = List.copyOf(prompts);
  }

  /** The same request with what routing decided about its name, its turn and its rank. */
  public InferenceRequest resolved(String newTargetModel, int newPriority, String newFairnessId) {
    return new InferenceRequest(
        requestId,
        headers,
        api,
        incomingModel,
        newTargetModel,
        isModelRewritable,
        isStreaming,
        outputTokenCap,
        prompts,
        cacheSalt,
        bodyBytes,
        objective,
        newPriority,
        newFairnessId,
        subset);
  }

  /** Whether the request may be refused when the pool is saturated. */
  public boolean isSheddable() {
    return priority < 0;
  }

  /** Says who and what, never the prompt. */
  @Override
  public String toString() {
    return "InferenceRequest[%s, %s, %d bytes]".formatted(requestId, api, bodyBytes);
  }
}
