package ai.llmd.epp.adapter.extproc.body.sglang;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.Envelope;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.adapter.extproc.body.TokenIdList;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members of an SGLang generate request, while its body is being read. */
final class SglangGenerate implements JsonBody.Members {

  private final FieldReader fields;
  private TokenIdList inputIds = new TokenIdList();
  private boolean hasInputIds;
  private boolean isEmpty;
  private boolean isReadable;
  private boolean isBatch;
  private boolean hasEmbeds;
  private BodyText extraKey = BodyText.EMPTY;
  private boolean hasExtraKeys;
  private double maxNewTokens = Double.NaN;
  private boolean isStreaming;

  SglangGenerate(FieldReader fields) {
    this.fields = fields;
  }

  @Override
  public boolean read(JsonScanner json) {
    if (json.keyFoldsTo("input_ids")) {
      readInputIds(json);
    } else if (json.keyFoldsTo("input_embeds")) {
      hasEmbeds = fields.passesSomething();
    } else if (json.keyFoldsTo("extra_key")) {
      readExtraKey(json);
    } else if (json.keyFoldsTo("sampling_params")) {
      readSamplingParameters(json);
    } else if (json.keyFoldsTo("stream")) {
      readStream(json);
    } else {
      return false;
    }
    return true;
  }

  private void readInputIds(JsonScanner json) {
    inputIds = new TokenIdList();
    hasInputIds = json.kind() != JsonKind.NULL;
    isReadable = json.kind() == JsonKind.ARRAY;
    isBatch = false;
    if (!isReadable) {
      isEmpty = !fields.passesSomething();
      return;
    }
    isEmpty = true;
    json.enter();
    while (json.nextElement()) {
      isEmpty = false;
      readInputId(json);
    }
  }

  private void readInputId(JsonScanner json) {
    double id = 0; // what Go makes of null
    if (json.kind() == JsonKind.NUMBER) {
      id = json.integer();
    } else {
      isBatch |= json.kind() == JsonKind.ARRAY;
      isReadable &= json.kind() == JsonKind.NULL;
      json.skip();
    }
    if (TokenIdList.isTokenId(id)) {
      inputIds.add(id);
    } else {
      isReadable = false;
    }
  }

  private void readExtraKey(JsonScanner json) {
    hasExtraKeys = json.kind() == JsonKind.ARRAY;
    extraKey = fields.text(BodyText.EMPTY);
  }

  /** Parameters of any other shape are ignored, and are no error. */
  private void readSamplingParameters(JsonScanner json) {
    maxNewTokens = Double.NaN;
    if (json.kind() != JsonKind.OBJECT) {
      json.skip();
      return;
    }
    json.enter();
    while (json.nextMember()) {
      if (json.keyFoldsTo("max_new_tokens") && json.kind() == JsonKind.NUMBER) {
        maxNewTokens = json.integer();
      } else {
        json.skip();
      }
    }
  }

  private void readStream(JsonScanner json) {
    if (json.kind() != JsonKind.NULL) {
      isStreaming = json.kind() == JsonKind.TRUE;
    }
    json.skip();
  }

  /** The error for the client; null when the request is as it has to be. */
  @Nullable String malformed() {
    if (!hasInputIds && !hasEmbeds) {
      return "invalid generate request: input_ids must be provided";
    }
    if (hasExtraKeys) {
      return "unsupported generate request: extra_key must be a string";
    }
    if (isBatch) {
      return "invalid generate request: input_ids must be an array of uint32 integers";
    }
    return isEmpty && !hasEmbeds ? "invalid generate request: input_ids cannot be empty" : null;
  }

  /** The one prompt; none when it is not understood. */
  List<Prompt> prompts() {
    return isReadable && !isEmpty
        ? List.of(new Prompt(List.of(new PromptPiece.TokenIds(inputIds.toArray()))))
        : List.of();
  }

  String cacheSalt() {
    return extraKey.name();
  }

  boolean isStreaming() {
    return isStreaming;
  }

  long outputTokenCap() {
    return Envelope.isCap(maxNewTokens) ? (long) maxNewTokens : -1;
  }
}
