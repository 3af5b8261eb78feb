package ai.llmd.epp.adapter.extproc.body.sglang;

import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.domain.routing.Usage;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** The {@code meta_info} of an SGLang response. */
final class SglangMetaInfo {

  private static final long ABSENT = Long.MIN_VALUE;

  private long promptTokens = ABSENT;
  private long completionTokens = ABSENT;
  private long cachedTokens = ABSENT;
  private boolean isFinished;

  /** The values in the text; null when it is not of that shape. */
  static @Nullable SglangMetaInfo read(JsonScanner json) {
    SglangMetaInfo metaInfo = new SglangMetaInfo();
    FieldReader fields = new FieldReader(json);
    if (fields.entersObject()) {
      while (json.nextMember()) {
        if (json.keyFoldsTo("meta_info")) {
          metaInfo.readMembers(fields);
        } else {
          json.skip();
        }
      }
    }
    return fields.isSpoiled() ? null : metaInfo;
  }

  private void readMembers(FieldReader fields) {
    JsonScanner json = fields.json();
    if (!fields.entersObject()) {
      return;
    }
    while (json.nextMember()) {
      if (json.keyFoldsTo("prompt_tokens")) {
        promptTokens = count(fields, promptTokens);
      } else if (json.keyFoldsTo("completion_tokens")) {
        completionTokens = count(fields, completionTokens);
      } else if (json.keyFoldsTo("cached_tokens")) {
        cachedTokens = count(fields, cachedTokens);
      } else if (json.keyFoldsTo("finish_reason")) {
        isFinished = json.kind() != JsonKind.NULL;
        json.skip();
      } else {
        json.skip();
      }
    }
  }

  private static long count(FieldReader fields, long before) {
    return fields.integer(fields.json().kind() == JsonKind.NULL ? ABSENT : before);
  }

  /** Whether generation has ended; until then the numbers are those so far. */
  boolean isFinished() {
    return isFinished;
  }

  @Nullable Usage usage() {
    if (promptTokens == ABSENT && completionTokens == ABSENT) {
      return null;
    }
    long prompt = promptTokens == ABSENT ? 0 : promptTokens;
    long completion = completionTokens == ABSENT ? 0 : completionTokens;
    long cached = cachedTokens == ABSENT ? -1 : cachedTokens;
    return new Usage(prompt, completion, prompt + completion, cached);
  }
}
