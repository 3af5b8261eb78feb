package ai.llmd.epp.domain.request;

import java.util.List;

/**
 * A request's body as its parser understood it.
 *
 * <p>The prompts are views over the body's bytes: they live as long as the request and are neither
 * logged nor kept.
 *
 * @param api which API the body belongs to
 * @param model model as the client named it; empty when none
 * @param isModelRewritable whether the parser can write another model into the body
 * @param isStreaming whether the client asked for a streamed response
 * @param outputTokenCap most tokens the client wants; -1 when not given
 * @param prompts what the model will read; empty when the body is not understood
 * @param cacheSalt separates prefix caches; empty when none
 * @param bytes size of the body as received
 * @param raw the body as received; empty where it is not at hand
 * @param stored what it has to do with answers that servers keep
 */
public record ReceivedBody(
    ApiKind api,
    String model,
    boolean isModelRewritable,
    boolean isStreaming,
    long outputTokenCap,
    List<Prompt> prompts,
    String cacheSalt,
    long bytes,
    Utf8Text raw,
    StoredAnswers stored) {

  private static final Utf8Text NOTHING = Utf8Text.of(new byte[0]);

  public ReceivedBody {
    prompts = List.copyOf(prompts);
  }

  /** A body of which only what was understood is at hand. */
  public ReceivedBody(
      ApiKind api,
      String model,
      boolean isModelRewritable,
      boolean isStreaming,
      long outputTokenCap,
      List<Prompt> prompts,
      String cacheSalt,
      long bytes) {
    this(
        api,
        model,
        isModelRewritable,
        isStreaming,
        outputTokenCap,
        prompts,
        cacheSalt,
        bytes,
        NOTHING);
  }

  /** A body that has nothing to do with answers that servers keep. */
  public ReceivedBody(
      ApiKind api,
      String model,
      boolean isModelRewritable,
      boolean isStreaming,
      long outputTokenCap,
      List<Prompt> prompts,
      String cacheSalt,
      long bytes,
      Utf8Text raw) {
    this(
        api,
        model,
        isModelRewritable,
        isStreaming,
        outputTokenCap,
        prompts,
        cacheSalt,
        bytes,
        raw,
        StoredAnswers.NONE);
  }

  /** The same body with another cache salt. */
  public ReceivedBody withCacheSalt(String salt) {
    return new ReceivedBody(
        api,
        model,
        isModelRewritable,
        isStreaming,
        outputTokenCap,
        prompts,
        salt,
        bytes,
        raw,
        stored);
  }

  /** Names the API and the size, never the prompt. */
  @Override
  public String toString() {
    return "ReceivedBody[%s, %d bytes]".formatted(api, bytes);
  }
}
