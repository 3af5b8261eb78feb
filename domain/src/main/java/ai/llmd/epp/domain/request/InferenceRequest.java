package ai.llmd.epp.domain.request;

import java.util.List;

/**
 * One request with what its names were resolved to: what plugins look at.
 *
 * @param received the request as it came
 * @param targetModel model to be served; empty when none
 * @param priority below 0 means sheddable
 * @param fairnessId whose turn it is in a queue; never empty
 */
public record InferenceRequest(
    ReceivedRequest received, String targetModel, int priority, String fairnessId) {

  /** {@code x-request-id}, generated when the client sent none. */
  public String requestId() {
    return received.requestId();
  }

  /** The client's headers. */
  public RequestHeaders headers() {
    return received.headers();
  }

  /** Which API the body belongs to. */
  public ApiKind api() {
    return received.body().api();
  }

  /** The model as the client named it; empty when none. */
  public String incomingModel() {
    return received.body().model();
  }

  /** Whether the parser can write another model into the body. */
  public boolean isModelRewritable() {
    return received.body().isModelRewritable();
  }

  /** Whether the client asked for a streamed response. */
  public boolean isStreaming() {
    return received.body().isStreaming();
  }

  /** Most tokens the client wants; -1 when not given. */
  public long outputTokenCap() {
    return received.body().outputTokenCap();
  }

  /**
   * What the model will read; empty when the body is not understood. Views over the body's bytes,
   * which live as long as the request and are neither logged nor kept.
   */
  public List<Prompt> prompts() {
    return received.body().prompts();
  }

  /** Separates prefix caches; empty when none. */
  public String cacheSalt() {
    return received.body().cacheSalt();
  }

  /** The body as received, under the client's model; empty where it is not at hand. */
  public Utf8Text rawBody() {
    return received.body().raw();
  }

  /** Size of the body as received. */
  public long bodyBytes() {
    return received.body().bytes();
  }

  /** Name of the InferenceObjective asked for; empty when none. */
  public String objective() {
    return received.hints().objective();
  }

  /** Endpoints that the gateway allows. */
  public SubsetHint subset() {
    return received.hints().subset();
  }

  /** Whether the request may be refused when the pool is saturated. */
  public boolean isSheddable() {
    return priority < 0;
  }

  /** Names the request and its API, never the prompt. */
  @Override
  public String toString() {
    return "InferenceRequest[%s, %s, %d bytes]".formatted(requestId(), api(), bodyBytes());
  }
}
