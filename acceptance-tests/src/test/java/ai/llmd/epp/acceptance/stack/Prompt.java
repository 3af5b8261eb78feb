package ai.llmd.epp.acceptance.stack;

/**
 * What a client requests; rendered as the body of a request.
 *
 * @param shared text at the beginning, which several prompts may have in common
 * @param question text behind it; plain characters that need no escape in JSON
 * @param answerTokens tokens of the answer, exactly
 */
public record Prompt(String shared, String question, int answerTokens) {

  /** A short prompt that shares nothing worth mentioning. */
  public static Prompt plain(String question, int answerTokens) {
    return new Prompt("", question, answerTokens);
  }

  /**
   * A prompt whose first 3,000 characters and more (eleven prefix blocks) depend on the topic only.
   */
  public static Prompt about(String topic, String question) {
    return new Prompt(
        ("All there is to say about " + topic + ". ").repeat(3000 / 27 + 1), question, 4);
  }

  public String chat() {
    return """
    {"model":"%s","max_tokens":%d,"ignore_eos":true,"messages":[{"role":"system","content":"%s"},\
    {"role":"user","content":"%s"}]}\
    """
        .formatted(SimulatorProcess.MODEL, answerTokens, shared, question);
  }

  public String streamedChat() {
    return """
    {"stream":true,"stream_options":{"include_usage":true},\
    """
        + chat().substring(1);
  }

  public String completion() {
    return """
    {"model":"%s","max_tokens":%d,"ignore_eos":true,"prompt":"%s%s"}\
    """
        .formatted(SimulatorProcess.MODEL, answerTokens, shared, question);
  }
}
