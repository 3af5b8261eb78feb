package ai.llmd.epp.simulator.openai;

/** The ways to request a completion, and what their answers are called. */
public enum Api {
  /** {@code /v1/chat/completions}. */
  CHAT("chatcmpl-", "chat.completion", "chat.completion.chunk"),
  /** {@code /v1/completions}. */
  COMPLETIONS("cmpl-", "text_completion", "text_completion"),
  /** {@code /inference/v1/generate}: tokens in, tokens out; has no stream. */
  GENERATE("", "", "");

  private final String idPrefix;
  private final String object;
  private final String chunkObject;

  Api(String idPrefix, String object, String chunkObject) {
    this.idPrefix = idPrefix;
    this.object = object;
    this.chunkObject = chunkObject;
  }

  /** What the id of every answer begins with. */
  public String idPrefix() {
    return idPrefix;
  }

  String object() {
    return object;
  }

  String chunkObject() {
    return chunkObject;
  }
}
