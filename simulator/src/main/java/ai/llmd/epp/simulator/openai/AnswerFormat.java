package ai.llmd.epp.simulator.openai;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The answer to a request that does not stream, as one JSON document. */
public final class AnswerFormat {

  private AnswerFormat() {}

  /**
   * Writes all answers.
   *
   * @param id the answer's id, with the prefix of the API
   * @param createdSeconds unix time
   * @param model as the client named it
   * @param answers in the order of their index
   * @param transfer adds where to fetch the KV blocks; null for nothing
   */
  public static byte[] json(
      Api api,
      String id,
      long createdSeconds,
      String model,
      List<Answer> answers,
      TokenUsage usage,
      @Nullable Consumer<JsonGenerator> transfer) {
    return Json.object(
        json -> {
          if (api == Api.GENERATE) {
            json.writeStringProperty("request_id", id);
          } else {
            json.writeStringProperty("id", id);
            json.writeStringProperty("object", api.object());
            json.writeNumberProperty("created", createdSeconds);
            json.writeStringProperty("model", model);
          }
          json.writeArrayPropertyStart("choices");
          for (int index = 0; index < answers.size(); index++) {
            choice(json, api, index, answers.get(index));
          }
          json.writeEndArray();
          if (api != Api.GENERATE) {
            json.writeName("usage");
            usage.write(json);
          }
          if (transfer != null) {
            transfer.accept(json);
          }
        });
  }

  private static void choice(JsonGenerator json, Api api, int index, Answer answer) {
    json.writeStartObject();
    json.writeNumberProperty("index", index);
    switch (api) {
      case CHAT -> {
        json.writeObjectPropertyStart("message");
        json.writeStringProperty("role", "assistant");
        json.writeStringProperty("content", answer.content());
        json.writeEndObject();
      }
      case COMPLETIONS -> json.writeStringProperty("text", answer.content());
      case GENERATE -> {
        json.writeArrayPropertyStart("token_ids");
        for (int i = 0; i < answer.tokens(); i++) {
          json.writeNumber(Integer.toUnsignedLong(answer.text().ids()[i]));
        }
        json.writeEndArray();
      }
    }
    json.writeStringProperty("finish_reason", answer.finishReason().toString());
    json.writeEndObject();
  }

  /** No cache is transferred, so these are the reference simulator's dummies. */
  public static void noTransfer(JsonGenerator json) {
    json.writeObjectPropertyStart("kv_transfer_params");
    json.writeBooleanProperty("do_remote_decode", false);
    json.writeBooleanProperty("do_remote_prefill", true);
    json.writeStringProperty("remote_engine_id", "DUMMY_ID");
    json.writeArrayPropertyStart("remote_block_ids");
    json.writeString("DUMMY_ID");
    json.writeEndArray();
    json.writeStringProperty("remote_host", "DUMMY");
    json.writeNumberProperty("remote_port", 1234);
    json.writeNumberProperty("tp_size", 1);
    json.writeEndObject();
  }
}
