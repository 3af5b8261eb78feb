package ai.llmd.epp.sidecar.connector;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonObject;
import java.util.List;

/**
 * One piece of an answer.
 *
 * @param finishReason empty when the engine gave none
 */
record DecodedChunk(
    JsonObject answer, String text, String finishReason, long tokens, long promptTokens) {

  static DecodedChunk parse(byte[] body) throws InvalidJsonException {
    JsonObject answer = JsonObject.parse(body);
    List<JsonObject> choices = answer.objects("choices");
    JsonObject choice = choices.isEmpty() ? JsonObject.empty() : choices.getFirst();
    JsonObject message = choice.object("message");
    String text = message == null ? null : message.text("content");
    String reason = choice.text("finish_reason");
    JsonObject usage = answer.object("usage");
    return new DecodedChunk(
        answer,
        text == null ? "" : text,
        reason == null ? "" : reason,
        usage == null ? 0 : usage.number("completion_tokens", 0),
        usage == null ? 0 : usage.number("prompt_tokens", 0));
  }

  /** Whether the engine had no more to say. */
  boolean isLast() {
    boolean isFinished = !finishReason.isEmpty() && !finishReason.equals("length");
    return isFinished || (tokens <= 0 && text.isEmpty());
  }

  @Override
  public String toString() {
    return "DecodedChunk[" + tokens + " tokens]"; // none of its text
  }
}
