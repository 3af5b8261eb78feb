package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.ByteSearch;
import ai.llmd.epp.adapter.extproc.body.DataLines;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Usage of a messages event stream: the prompt's numbers come with {@code message_start}, the
 * completion's with {@code message_delta}. Events are not counted, as upstream.
 */
final class AnthropicStreamUsage implements UsageReader {

  private static final byte[] USAGE = "usage".getBytes(StandardCharsets.US_ASCII);

  private final DataLines lines = new DataLines(false);

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    boolean mayHaveUsage = ByteSearch.indexOf(bytes, start, end, USAGE) >= 0;
    Usage usage = mayHaveUsage ? find(bytes, start, end) : null;
    return usage;
  }

  private @Nullable Usage find(byte[] bytes, int start, int end) {
    Sum sum = new Sum();
    lines.open(bytes, start, end);
    while (lines.next()) {
      if (lines.contains(USAGE) && lines.isJson()) {
        sum.add(lines.json());
      }
    }
    lines.close();
    return sum.toUsage();
  }

  /** The merged usage of the events of one chunk. */
  private static final class Sum {

    private boolean isReported;
    private long inputTokens;
    private long outputTokens;
    private long cachedTokens = -1;

    void add(JsonScanner json) {
      FieldReader fields = new FieldReader(json);
      BodyText type = BodyText.EMPTY;
      AnthropicUsageFields ofMessage = null;
      AnthropicUsageFields ofEvent = null;
      if (fields.entersObject()) {
        while (json.nextMember()) {
          if (json.keyFoldsTo("type")) {
            type = fields.text(type);
          } else if (json.keyFoldsTo("message")) {
            ofMessage = usageOfMessage(fields);
          } else if (json.keyFoldsTo("usage")) {
            ofEvent = usage(fields);
          } else {
            json.skip();
          }
        }
      }
      if (fields.isSpoiled()) {
        return;
      }
      if (ofMessage != null && type.contentEquals("message_start")) {
        isReported = true;
        inputTokens = ofMessage.inputTokens(inputTokens);
        cachedTokens = ofMessage.cachedTokens(cachedTokens);
      } else if (ofEvent != null && type.contentEquals("message_delta")) {
        isReported = true;
        outputTokens = ofEvent.outputTokens(outputTokens);
      }
    }

    private static @Nullable AnthropicUsageFields usageOfMessage(FieldReader fields) {
      AnthropicUsageFields usage = null;
      if (fields.entersObject()) {
        while (fields.json().nextMember()) {
          if (fields.json().keyFoldsTo("usage")) {
            usage = usage(fields);
          } else {
            fields.json().skip();
          }
        }
      }
      return usage;
    }

    private static @Nullable AnthropicUsageFields usage(FieldReader fields) {
      if (fields.json().kind() == JsonKind.OBJECT) {
        return AnthropicUsageFields.read(fields.json());
      }
      fields.skip(JsonKind.OBJECT);
      return null;
    }

    @Nullable Usage toUsage() {
      return isReported
          ? new Usage(inputTokens, outputTokens, inputTokens + outputTokens, cachedTokens)
          : null;
    }
  }
}
