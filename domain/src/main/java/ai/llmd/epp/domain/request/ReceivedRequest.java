package ai.llmd.epp.domain.request;

/**
 * One request as it came: what was parsed, before anything is decided about it. Routing resolves it
 * to an {@link InferenceRequest}.
 *
 * @param requestId {@code x-request-id}, generated when the client sent none
 * @param headers the client's headers
 */
public record ReceivedRequest(
    String requestId, RequestHeaders headers, ReceivedBody body, RoutingHints hints) {

  /** Names the request and its API, never the prompt. */
  @Override
  public String toString() {
    return "ReceivedRequest[%s, %s]".formatted(requestId, body);
  }
}
