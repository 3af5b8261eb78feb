package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/**
 * The usage reported by one event of a messages stream: the prompt's numbers come with {@code
 * message_start}, the completion's with {@code message_delta}, which may correct those of the
 * prompt.
 */
final class AnthropicEvent {

  private AnthropicEvent() {}

  /** Decodes one event, valid JSON, and returns its usage if it has any. */
  static @Nullable Usage usage(JsonScanner json) {
    FieldReader fields = new FieldReader(json);
    BodyText type = BodyText.EMPTY;
    AnthropicUsageFields ofMessage = null;
    AnthropicUsageFields ofEvent = null;
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("type")) {
          type = fields.text(type);
        } else if (json.keyFoldsTo("message")) {
          ofMessage = ofMessage(fields);
        } else if (json.keyFoldsTo("usage")) {
          ofEvent = usageFields(fields);
        } else {
          json.skip();
        }
      }
    }
    if (fields.isSpoiled()) {
      return null;
    }
    if (ofMessage != null && type.contentEquals("message_start")) {
      return ofMessage.toPromptUsage();
    }
    return ofEvent != null && type.contentEquals("message_delta") ? ofEvent.toUsage() : null;
  }

  private static @Nullable AnthropicUsageFields ofMessage(FieldReader fields) {
    AnthropicUsageFields usage = null;
    if (fields.entersObject()) {
      while (fields.json().nextMember()) {
        if (fields.json().keyFoldsTo("usage")) {
          usage = usageFields(fields);
        } else {
          fields.json().skip();
        }
      }
    }
    return usage;
  }

  private static @Nullable AnthropicUsageFields usageFields(FieldReader fields) {
    if (fields.json().kind() == JsonKind.OBJECT) {
      return AnthropicUsageFields.read(fields.json());
    }
    fields.skip(JsonKind.OBJECT);
    return null;
  }
}
