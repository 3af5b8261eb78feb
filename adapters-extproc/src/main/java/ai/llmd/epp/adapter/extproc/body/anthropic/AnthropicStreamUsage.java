package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.EventStream;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.application.parsing.UsageReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/**
 * Usage of a messages event stream: the prompt's numbers come with {@code message_start}, the
 * completion's with {@code message_delta}, which may correct those of the prompt. Events are not
 * counted, as upstream.
 */
final class AnthropicStreamUsage implements UsageReader {

  private final EventStream stream = new EventStream("usage", false, this::event);
  private @Nullable Usage found;

  @Override
  public @Nullable Usage read(byte[] bytes, int start, int end) {
    if (stream.isOfNoInterest(bytes, start, end)) {
      return null;
    }
    stream.read(bytes, start, end);
    return take();
  }

  @Override
  public @Nullable Usage finish() {
    stream.finish();
    return take();
  }

  private @Nullable Usage take() {
    Usage taken = found;
    found = null;
    return taken;
  }

  private void event(byte[] bytes, int start, int end) {
    JsonScanner json = new JsonScanner(bytes, start, end);
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
      add(ofMessage, 0);
    } else if (ofEvent != null && type.contentEquals("message_delta")) {
      add(ofEvent, ofEvent.outputTokens(0));
    }
  }

  private void add(AnthropicUsageFields fields, long outputTokens) {
    long inputTokens = fields.inputTokens(0);
    Usage reported =
        new Usage(inputTokens, outputTokens, inputTokens + outputTokens, fields.cachedTokens(-1));
    found = found == null ? reported : found.merge(reported);
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
}
