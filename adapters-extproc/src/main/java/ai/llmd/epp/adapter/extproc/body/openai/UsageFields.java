package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of an OpenAI {@code usage} object, taken leniently: fractions are cut off, numbers
 * may be strings, anything else counts as 0, and the Responses API's names stand in for the chat
 * API's. Reading a second object overlays the first.
 */
final class UsageFields {

  // absent ones are NaN
  private double promptTokens = Double.NaN;
  private double inputTokens = Double.NaN;
  private double completionTokens = Double.NaN;
  private double outputTokens = Double.NaN;
  private double totalTokens = Double.NaN;
  private double cachedOfPrompt = Double.NaN;
  private double cachedOfInput = Double.NaN;

  /** Reads the object that stands here. */
  void read(JsonScanner json) {
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("prompt_tokens")) {
        promptTokens = count(json, Double.NaN);
      } else if (json.keyIs("input_tokens")) {
        inputTokens = count(json, Double.NaN);
      } else if (json.keyIs("completion_tokens")) {
        completionTokens = count(json, Double.NaN);
      } else if (json.keyIs("output_tokens")) {
        outputTokens = count(json, Double.NaN);
      } else if (json.keyIs("total_tokens")) {
        totalTokens = count(json, Double.NaN);
      } else if (json.keyIs("prompt_tokens_details")) {
        cachedOfPrompt = cachedTokens(json);
      } else if (json.keyIs("input_tokens_details")) {
        cachedOfInput = cachedTokens(json);
      } else {
        json.skip();
      }
    }
  }

  /** NaN unless the details are an object with such a key, whatever its value. */
  private static double cachedTokens(JsonScanner json) {
    double cached = Double.NaN;
    if (json.kind() != JsonKind.OBJECT) {
      json.skip();
      return cached;
    }
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("cached_tokens")) {
        cached = count(json, 0);
      } else {
        json.skip();
      }
    }
    return cached;
  }

  private static double count(JsonScanner json, double ofNull) {
    return switch (json.kind()) {
      case NUMBER -> json.number();
      case STRING -> NumericText.toDouble(json.text().content());
      case NULL -> {
        json.skip();
        yield ofNull;
      }
      default -> {
        json.skip();
        yield 0;
      }
    };
  }

  Usage toUsage() {
    double cached = Double.isNaN(cachedOfInput) ? cachedOfPrompt : cachedOfInput;
    return new Usage(
        (long) (Double.isNaN(promptTokens) ? inputTokens : promptTokens),
        (long) (Double.isNaN(completionTokens) ? outputTokens : completionTokens),
        (long) totalTokens, // NaN becomes 0
        Double.isNaN(cached) ? -1 : (long) cached);
  }

  /** An object's usage; null when it has none. The scanner stands at a member's value. */
  static @Nullable UsageFields of(JsonScanner json) {
    if (json.kind() != JsonKind.OBJECT) {
      json.skip();
      return null;
    }
    UsageFields fields = new UsageFields();
    fields.read(json);
    return fields;
  }
}
