package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** The usage reported by one event. */
final class OpenAiEvent {

  private boolean hasUsage;
  private long promptTokens;
  private long completionTokens;
  private long totalTokens;
  private long cachedTokens = -1;

  private @Nullable UsageFields responseUsage;
  private BodyText type = BodyText.EMPTY;

  /** Decodes one event, valid JSON, and returns its usage if it has any. */
  @Nullable Usage read(JsonScanner json) {
    FieldReader fields = new FieldReader(json);
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("usage")) {
          readUsage(fields);
        } else if (json.keyFoldsTo("response")) {
          readResponse(fields);
        } else if (json.keyFoldsTo("type")) {
          type = fields.text(type);
        } else {
          json.skip();
        }
      }
    }
    return fields.isSpoiled() ? null : usage();
  }

  private @Nullable Usage usage() {
    if (hasUsage) {
      return new Usage(promptTokens, completionTokens, totalTokens, cachedTokens);
    }
    return responseUsage != null && endsResponse() ? responseUsage.toUsage() : null;
  }

  /** Whether the event has the whole response; in the others its usage is not final. */
  private boolean endsResponse() {
    return type.contentEquals("response.completed")
        || type.contentEquals("response.incomplete")
        || type.contentEquals("response.failed");
  }

  private void readUsage(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.kind() == JsonKind.NULL || !hasUsage) {
      hasUsage = false;
      promptTokens = 0;
      completionTokens = 0;
      totalTokens = 0;
      cachedTokens = -1;
    }
    if (!fields.entersObject()) {
      return;
    }
    hasUsage = true;
    while (json.nextMember()) {
      if (json.keyFoldsTo("prompt_tokens")) {
        promptTokens = fields.integer(promptTokens);
      } else if (json.keyFoldsTo("completion_tokens")) {
        completionTokens = fields.integer(completionTokens);
      } else if (json.keyFoldsTo("total_tokens")) {
        totalTokens = fields.integer(totalTokens);
      } else if (json.keyFoldsTo("prompt_tokens_details")) {
        readDetails(fields);
      } else {
        json.skip();
      }
    }
  }

  private void readDetails(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.kind() == JsonKind.NULL) {
      cachedTokens = -1;
    }
    if (!fields.entersObject()) {
      return;
    }
    cachedTokens = Math.max(0, cachedTokens);
    while (json.nextMember()) {
      if (json.keyFoldsTo("cached_tokens")) {
        cachedTokens = fields.integer(cachedTokens);
      } else {
        json.skip();
      }
    }
  }

  private void readResponse(FieldReader fields) {
    JsonScanner json = fields.json();
    if (!fields.entersObject()) {
      return;
    }
    while (json.nextMember()) {
      if (json.keyFoldsTo("usage")) {
        readResponseUsage(fields);
      } else if (json.keyFoldsTo("object")) {
        fields.skip(JsonKind.STRING);
      } else {
        json.skip();
      }
    }
  }

  private void readResponseUsage(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.kind() != JsonKind.OBJECT) {
      responseUsage = json.kind() == JsonKind.NULL ? null : responseUsage;
      fields.skip(JsonKind.OBJECT);
      return;
    }
    responseUsage = responseUsage == null ? new UsageFields() : responseUsage;
    responseUsage.read(json);
  }
}
