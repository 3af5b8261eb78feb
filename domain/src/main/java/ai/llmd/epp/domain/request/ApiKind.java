package ai.llmd.epp.domain.request;

/** Which API a body belongs to, as far as the parser understood it. */
public enum ApiKind {
  CHAT_COMPLETIONS,
  COMPLETIONS,
  EMBEDDINGS,
  RESPONSES,
  CONVERSATIONS,
  IMAGES,
  MESSAGES,
  GENERATE,
  /** Raw bytes: routed, not understood. */
  NONE;

  /**
   * Whether a request without a model is an error. Where the API makes the model optional (a stored
   * prompt names it, or the server has only one) it is not, nor where the API has none.
   */
  public boolean needsModel() {
    return switch (this) {
      case CHAT_COMPLETIONS, COMPLETIONS, EMBEDDINGS, MESSAGES -> true;
      case RESPONSES, CONVERSATIONS, IMAGES, GENERATE, NONE -> false;
    };
  }
}
