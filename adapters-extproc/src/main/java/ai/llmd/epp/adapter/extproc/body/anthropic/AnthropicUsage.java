package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.EventStream;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.adapter.extproc.body.StreamUsage;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** Usage of a whole messages response. */
final class AnthropicUsage implements UsageReader {

  private static final EventStream.Format STREAM = new EventStream.Format("usage", false, false);

  /** Usage of an event stream. Events are not counted, as upstream. */
  static UsageReader ofStream() {
    return new StreamUsage(STREAM, AnthropicEvent::usage);
  }

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
        usage = AnthropicUsageFields.read(json).toUsage();
      } else {
        json.skip();
      }
      return true;
    }
  }
}
