package ai.llmd.epp.sidecar.connector;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.llmd.epp.sidecar.body.InvalidJsonException;
import ai.llmd.epp.sidecar.body.JsonEdit;
import ai.llmd.epp.sidecar.body.JsonObject;
import ai.llmd.epp.sidecar.body.JsonText;
import ai.llmd.epp.sidecar.leg.Answer;
import ai.llmd.epp.sidecar.leg.Call;
import ai.llmd.epp.sidecar.leg.CallFailure;
import ai.llmd.epp.sidecar.leg.Legs;
import ai.llmd.epp.sidecar.proxy.ErrorAnswer;
import ai.llmd.epp.sidecar.trace.StageSpan;
import ai.llmd.epp.sidecar.upstream.LegFailure;
import ai.llmd.epp.sidecar.upstream.Target;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Has an answer made in pieces of a few tokens: each piece is a request of its own, which continues
 * the text so far, so that a long answer does not hold an engine's slot for all of its time.
 */
final class ChunkedDecode {

  private static final String MESSAGES = "messages";

  private final Legs legs;
  private final Target target;
  private final int size;

  /**
   * @param size tokens of a piece
   */
  ChunkedDecode(Legs legs, Target target, int size) {
    this.legs = legs;
    this.target = target;
    this.size = size;
  }

  /**
   * Answers the call, unless the whole answer fits in one piece.
   *
   * @return whether it did
   */
  boolean decode(Call call, HttpHeaders headers, byte[] body, long cached)
      throws CallFailure, LegFailure, InterruptedException {
    JsonObject request = call.withBody(body).body();
    long budget = budget(request);
    if (budget > 0 && budget <= size) {
      return false;
    }
    StageSpan span = call.trace().chunkedDecode(size, request.isTrue("stream"));
    HttpHeaders sent = headers;
    if (call.trace().isRecorded()) {
      sent = headers.copy();
      span.handOn(sent);
    }
    long pieces = 0;
    ChunkedAnswer answer = new ChunkedAnswer(call.exchange(), request.isTrue("stream"), cached);
    long used = 0;
    boolean isFirst = true;
    JsonObject next = request;
    while (budget < 0 || used < budget) {
      long tokens = budget < 0 ? size : Math.min(size, budget - used);
      Answer given = ask(call, sent, next, tokens, isFirst);
      if (!given.isSuccess()) {
        answer.fail(given);
        return true;
      }
      DecodedChunk chunk = chunk(given, answer);
      answer.add(chunk);
      used += chunk.tokens();
      pieces++;
      if (chunk.isLast()) {
        break;
      }
      isFirst = false;
      next = continued(next, chunk.text());
    }
    span.note("chunks", pieces);
    span.note("total_tokens", used);
    answer.end();
    return true;
  }

  /** What the client allows; negative when nothing does. */
  private static long budget(JsonObject request) {
    long completion = request.number("max_completion_tokens", 0);
    long all = request.number("max_tokens", 0);
    if (completion > 0) {
      return completion;
    }
    return all > 0 ? all : -1;
  }

  private Answer ask(Call call, HttpHeaders headers, JsonObject next, long tokens, boolean isFirst)
      throws CallFailure, LegFailure, InterruptedException {
    JsonEdit edit =
        next.edit()
            .set("max_tokens", tokens)
            .set("max_completion_tokens", tokens)
            .set("stream", false)
            .remove("stream_options");
    if (!isFirst) {
      edit.remove("kv_transfer_params")
          .set("continue_final_message", true)
          .set("add_generation_prompt", false);
    }
    return legs.askDecoder(call, target, headers, edit.toBytes());
  }

  private static DecodedChunk chunk(Answer given, ChunkedAnswer answer) throws CallFailure {
    try {
      return DecodedChunk.parse(given.body());
    } catch (InvalidJsonException e) {
      ErrorAnswer error = ErrorAnswer.internal(String.valueOf(e.getMessage()));
      if (answer.hasBegun()) {
        answer.breakOff();
      }
      throw new CallFailure(error);
    }
  }

  private static JsonObject continued(JsonObject request, String text) throws CallFailure {
    if (text.isEmpty()) {
      return request;
    }
    byte[] message =
        ("{\"role\":\"assistant\",\"content\":" + JsonText.quoted(text) + "}").getBytes(UTF_8);
    try {
      return JsonObject.parse(request.edit().append(MESSAGES, message).toBytes());
    } catch (InvalidJsonException e) {
      throw new CallFailure(ErrorAnswer.internal(String.valueOf(e.getMessage())));
    }
  }
}
