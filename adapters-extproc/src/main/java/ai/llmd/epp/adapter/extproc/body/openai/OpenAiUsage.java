package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.EventStream;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.adapter.extproc.body.StreamUsage;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** Usage of a whole OpenAI response: its {@code usage} object. */
public final class OpenAiUsage implements UsageReader {

  private static final EventStream.Format STREAM = new EventStream.Format("usage", false, true);

  /**
   * Usage of an event stream, and its number of events. An event without the text {@code usage},
   * which is nearly every one, is passed over twice, for that text and for line ends, and leaves
   * nothing behind.
   */
  public static UsageReader ofStream() {
    return new StreamUsage(STREAM, event -> new OpenAiEvent().read(event));
  }

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    Reading reading = new Reading();
    JsonScanner json = new JsonScanner(bytes, start, end);
    String error = JsonBody.read(json, JsonBody.GENERIC, reading);
    UsageFields usage = reading.usage;
    return error == null && usage != null ? usage.toUsage() : null;
  }

  private static final class Reading implements JsonBody.Members {

    private @Nullable UsageFields usage;

    @Override
    public boolean read(JsonScanner json) {
      if (!json.keyIs("usage")) {
        return false;
      }
      usage = UsageFields.of(json);
      return true;
    }
  }
}
