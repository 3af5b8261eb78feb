package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.Envelope;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;

/** The numbers of an Anthropic {@code usage} object; what is not a number is not there (NaN). */
final class AnthropicUsageFields {

  private double inputTokens = Double.NaN;
  private double outputTokens = Double.NaN;
  private double cacheReadInputTokens = Double.NaN;

  /** Reads the object that stands here. */
  static AnthropicUsageFields read(JsonScanner json) {
    AnthropicUsageFields usage = new AnthropicUsageFields();
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("input_tokens")) {
        usage.inputTokens = Envelope.number(json);
      } else if (json.keyIs("output_tokens")) {
        usage.outputTokens = Envelope.number(json);
      } else if (json.keyIs("cache_read_input_tokens")) {
        usage.cacheReadInputTokens = Envelope.number(json);
      } else {
        json.skip();
      }
    }
    return usage;
  }

  Usage toUsage() {
    return usage((long) outputTokens); // NaN becomes 0
  }

  /** Without the completion's numbers. */
  Usage toPromptUsage() {
    return usage(0);
  }

  private Usage usage(long output) {
    long input = (long) inputTokens;
    long cached = Double.isNaN(cacheReadInputTokens) ? -1 : (long) cacheReadInputTokens;
    return new Usage(input, output, input + output, cached);
  }
}
