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
  NONE
}
