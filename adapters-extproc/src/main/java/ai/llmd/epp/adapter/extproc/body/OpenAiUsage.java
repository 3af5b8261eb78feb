package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonScanner;
import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/** Usage of a whole OpenAI response: its {@code usage} object. */
final class OpenAiUsage implements UsageReader {

  private final ChunkBytes bytes = new ChunkBytes();

  @Override
  public @Nullable Usage read(ByteString chunk) {
    bytes.open(chunk);
    Reading reading = new Reading();
    JsonScanner json = new JsonScanner(bytes.array(), bytes.start(), bytes.end());
    String error = JsonBody.read(json, JsonBody.GENERIC, reading);
    bytes.close();
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
