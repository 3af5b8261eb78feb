package ai.llmd.epp.simulator.openai;

import tools.jackson.core.JsonGenerator;

/**
 * What a request consumed, in tokens.
 *
 * @param prompt tokens of all prompts
 * @param completion tokens of all answers
 * @param cached prompt tokens that were found in the prefix cache
 */
public record TokenUsage(int prompt, int completion, int cached) {

  void write(JsonGenerator json) {
    json.writeStartObject();
    json.writeNumberProperty("prompt_tokens", prompt);
    json.writeNumberProperty("completion_tokens", completion);
    json.writeNumberProperty("total_tokens", prompt + completion);
    json.writeObjectPropertyStart("prompt_tokens_details");
    json.writeNumberProperty("cached_tokens", cached);
    json.writeEndObject();
    json.writeEndObject();
  }
}
