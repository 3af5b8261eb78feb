package ai.llmd.epp.simulator.openai;

import java.util.List;

/**
 * A request for completions, read and valid in itself.
 *
 * @param api how it was asked
 * @param model as named in the body, empty when absent
 * @param prompts at least one; each has answers of its own
 * @param answersPerPrompt {@code n}, 1 or more
 * @param maxTokens most output tokens per answer, 0 when the client does not say
 * @param ignoresEos whether an answer has to be as long as {@code maxTokens}
 * @param streams whether tokens are wanted as they come
 * @param includesUsage whether a stream ends with the usage
 * @param cacheHitThreshold least cached share of the prompt, within {@code [0, 1]}; 0 when absent
 * @param transfer what it tells about blocks of other servers
 */
public record CompletionRequest(
    Api api,
    String model,
    List<TokenPrompt> prompts,
    int answersPerPrompt,
    int maxTokens,
    boolean ignoresEos,
    boolean streams,
    boolean includesUsage,
    double cacheHitThreshold,
    TransferParameters transfer) {

  /** Most answers to one request. */
  public static final int MAX_ANSWERS = 128;

  public CompletionRequest {
    prompts = List.copyOf(prompts);
    if (prompts.isEmpty()) {
      throw new InvalidRequestException("The request has no prompt.");
    }
    for (TokenPrompt prompt : prompts) {
      if (prompt.tokens().length == 0) {
        throw new InvalidRequestException("A prompt must not be empty.");
      }
    }
    if (answersPerPrompt < 1) {
      throw new InvalidRequestException("n must be 1 or more, was " + answersPerPrompt + ".");
    }
    if ((long) prompts.size() * answersPerPrompt > MAX_ANSWERS) {
      throw new InvalidRequestException(
          "The request asks for more than " + MAX_ANSWERS + " answers.");
    }
    if (ignoresEos && maxTokens == 0) {
      throw new InvalidRequestException("ignore_eos needs a maximum of tokens.");
    }
    if (streams && transfer.isRemoteDecode()) {
      throw new InvalidRequestException("Prefill does not support streaming");
    }
    if (streams && api == Api.GENERATE) {
      throw new InvalidRequestException("Token generation does not support streaming.");
    }
    if (!(cacheHitThreshold >= 0 && cacheHitThreshold <= 1)) {
      throw new InvalidRequestException(
          "cache_hit_threshold must be within 0 and 1, was " + cacheHitThreshold + ".");
    }
  }

  /** Prefill here, decode elsewhere. */
  public boolean hasRemoteDecode() {
    return transfer.isRemoteDecode();
  }

  /** The same for a server that computes the prompt and one token alone. */
  public CompletionRequest ofOneToken() {
    return new CompletionRequest(
        api,
        model,
        prompts,
        answersPerPrompt,
        1,
        ignoresEos,
        streams,
        includesUsage,
        cacheHitThreshold,
        transfer);
  }

  /** Prompt tokens over all prompts; each counts once, whatever {@code n} is. */
  public int promptTokens() {
    int tokens = 0;
    for (TokenPrompt prompt : prompts) {
      tokens += prompt.tokens().length;
    }
    return tokens;
  }
}
