package ai.llmd.epp.adapter.extproc.body.sglang;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.Envelope;
import ai.llmd.epp.adapter.extproc.body.JsonBody;
import ai.llmd.epp.adapter.extproc.body.TokenIdList;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** The members of an SGLang generate request, while its body is being read. */
final class SglangGenerate implements JsonBody.Members {

  private TokenIdList inputIds = new TokenIdList();
  private boolean hasInputIds;
  private boolean isOfTokenIds;
  private BodyText extraKey = BodyText.EMPTY;
  private boolean isExtraKeyText = true;
  private double maxNewTokens = Double.NaN;
  private boolean isStreaming;
  private @Nullable String wrongStream;

  @Override
  public boolean read(JsonScanner json) {
    if (json.keyFoldsTo("input_ids")) {
      readInputIds(json);
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
    isOfTokenIds = json.kind() == JsonKind.ARRAY;
    if (!isOfTokenIds) {
      json.skip();
      return;
    }
    json.enter();
    while (json.nextElement()) {
      readInputId(json);
    }
  }

  private void readInputId(JsonScanner json) {
    double id = 0; // what Go makes of null
    if (json.kind() == JsonKind.NUMBER) {
      id = json.integer();
    } else {
      isOfTokenIds &= json.kind() == JsonKind.NULL;
      json.skip();
    }
    if (TokenIdList.isTokenId(id)) {
      inputIds.add(id);
    } else {
      isOfTokenIds = false;
    }
  }

  private void readExtraKey(JsonScanner json) {
    extraKey = BodyText.EMPTY;
    isExtraKeyText = json.kind() == JsonKind.STRING || json.kind() == JsonKind.NULL;
    if (json.kind() == JsonKind.STRING) {
      extraKey = BodyText.read(json);
    } else {
      json.skip();
    }
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
    JsonKind kind = json.kind();
    json.skip();
    switch (kind) {
      case TRUE -> isStreaming = true;
      case FALSE -> isStreaming = false;
      case NULL, NONE -> {}
      default ->
          wrongStream =
              "json: cannot unmarshal "
                  + JsonBody.goName(kind)
                  + " into Go struct field sgLangGenerateWire.stream of type bool";
    }
  }

  /** The error for the client; null when the request is as it has to be. */
  @Nullable String malformed() {
    if (wrongStream != null) {
      return "invalid generate request: " + wrongStream;
    }
    if (!hasInputIds) {
      return "invalid generate request: input_ids must be provided";
    }
    if (!isExtraKeyText) {
      return "unsupported generate request: extra_key must be a string";
    }
    if (!isOfTokenIds) {
      return "invalid generate request: input_ids must be an array of uint32 integers";
    }
    return inputIds.size() == 0 ? "invalid generate request: input_ids cannot be empty" : null;
  }

  int[] tokenIds() {
    return inputIds.toArray();
  }

  String cacheSalt() {
    return extraKey.content();
  }

  boolean isStreaming() {
    return isStreaming;
  }

  long outputTokenCap() {
    return Envelope.isCap(maxNewTokens) ? (long) maxNewTokens : -1;
  }
}
