package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** Usage of a whole messages response. */
final class AnthropicUsage implements UsageReader {

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    Reading reading = new Reading();
    JsonScanner json = new JsonScanner(bytes, start, end);
    String error = JsonBody.read(json, JsonBody.GENERIC, reading);
    return error == null ? reading.usage : null;
  }

  private static final class Reading implements JsonBody.Members {

    private @Nullable Usage usage;

    @Override
    public boolean read(JsonScanner json) {
      if (!json.keyIs("usage")) {
        return false;
      }
      usage = null;
      if (json.kind() == JsonKind.OBJECT) {
        AnthropicUsageFields fields = AnthropicUsageFields.read(json);
        long input = fields.inputTokens(0);
        long output = fields.outputTokens(0);
        usage = new Usage(input, output, input + output, fields.cachedTokens(-1));
      } else {
        json.skip();
      }
      return true;
    }
  }
}
