package ai.llmd.epp.adapter.extproc.body.vllm;

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

/** The members of a vLLM generate request, while its body is being read. */
final class VllmGenerate implements JsonBody.Members {

  private final FieldReader fields;
  private final VllmFeatures features;
  private TokenIdList tokenIds = new TokenIdList();
  private boolean hasTokenIds;
  private boolean isReadable;
  private @Nullable String invalidTokenId;
  private BodyText cacheSalt = BodyText.EMPTY;
  private double maxTokens = Double.NaN;

  VllmGenerate(FieldReader fields) {
    this.fields = fields;
    this.features = new VllmFeatures(fields);
  }

  @Override
  public boolean read(JsonScanner json) {
    if (json.keyFoldsTo("token_ids")) {
      readTokenIds(json);
    } else if (json.keyFoldsTo("cache_salt")) {
      cacheSalt = fields.text(cacheSalt);
    } else if (json.keyFoldsTo("features")) {
      features.read();
    } else if (json.keyIs("sampling_params")) {
      readSamplingParameters(json);
    } else {
      return false;
    }
    return true;
  }

  private void readTokenIds(JsonScanner json) {
    tokenIds = new TokenIdList();
    invalidTokenId = null;
    hasTokenIds = false;
    isReadable = json.kind() == JsonKind.ARRAY;
    if (!isReadable) {
      hasTokenIds = fields.passesSomething();
      return;
    }
    json.enter();
    while (json.nextElement()) {
      hasTokenIds = true;
      if (json.kind() == JsonKind.NUMBER) {
        addTokenId(json.number());
      } else {
        isReadable &= json.kind() == JsonKind.NULL;
        json.skip();
        addTokenId(0); // null: Go leaves the element's zero
      }
    }
  }

  private void addTokenId(double id) {
    if (TokenIdList.isTokenId(id)) {
      tokenIds.add(id);
    } else if (invalidTokenId == null) {
      invalidTokenId = "token_ids[" + tokenIds.size() + "]: invalid value " + plain(id);
    }
  }

  /** Integers without a fraction, as Go prints them. */
  private static String plain(double number) {
    boolean isShort = number == Math.rint(number) && Math.abs(number) < 1e15;
    return isShort ? Long.toString((long) number) : Double.toString(number);
  }

  private void readSamplingParameters(JsonScanner json) {
    maxTokens = Double.NaN;
    if (json.kind() != JsonKind.OBJECT) {
      json.skip();
      return;
    }
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("max_tokens")) {
        maxTokens = Envelope.number(json);
      } else {
        json.skip();
      }
    }
  }

  /** What is wrong with the request; null when nothing is. */
  @Nullable String invalid() {
    if (isReadable && invalidTokenId != null) {
      return invalidTokenId;
    }
    return hasTokenIds ? null : "must have non-empty token_ids field";
  }

  /** The one prompt; none when it is not understood. */
  List<Prompt> prompts() {
    return isReadable
        ? List.of(
            new Prompt(List.of(new PromptPiece.TokenIds(tokenIds.toArray())), features.assets()))
        : List.of();
  }

  String cacheSalt() {
    return cacheSalt.name();
  }

  long outputTokenCap() {
    return Envelope.isCap(maxTokens) ? (long) maxTokens : -1;
  }
}
