package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.TokenIdList;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.ArrayList;
import java.util.List;

/**
 * The value of {@code prompt} or of an embedding's {@code input}: one string, several strings, or
 * token ids. Anything else, null included, spoils the request.
 */
final class PromptInput {

  /**
   * More strings than this are valid, but not kept: a hostile body would turn four bytes into a
   * prompt of a hundred.
   */
  static final int MAX_TEXTS = 65_536;

  private BodyText single = BodyText.EMPTY;
  private List<BodyText> texts = List.of();
  private boolean hasTooManyTexts;
  private TokenIdList tokenIds = new TokenIdList();
  private int start;
  private int end;

  void read(FieldReader fields) {
    single = BodyText.EMPTY;
    texts = List.of();
    hasTooManyTexts = false;
    tokenIds = new TokenIdList();
    JsonScanner json = fields.json();
    start = json.position();
    switch (json.kind()) {
      case STRING -> single = BodyText.read(json);
      case ARRAY -> readArray(fields);
      default -> fields.spoil();
    }
    end = json.position();
  }

  /** The first element fixes the type of all. */
  private void readArray(FieldReader fields) {
    JsonScanner json = fields.json();
    json.enter();
    boolean isFirst = true;
    boolean isOfTexts = false;
    while (json.nextElement()) {
      if (isFirst) {
        isOfTexts = json.kind() == JsonKind.STRING;
        texts = isOfTexts ? new ArrayList<>() : List.of();
        isFirst = false;
      }
      if (isOfTexts) {
        readText(fields);
      } else {
        readTokenId(fields);
      }
    }
  }

  private void readText(FieldReader fields) {
    if (fields.json().kind() != JsonKind.STRING) {
      fields.spoil();
    } else if (texts.size() == MAX_TEXTS) {
      hasTooManyTexts = true;
      fields.json().skip();
    } else {
      texts.add(BodyText.read(fields.json()));
    }
  }

  private void readTokenId(FieldReader fields) {
    JsonScanner json = fields.json();
    if (json.kind() != JsonKind.NUMBER) {
      fields.spoil();
      return;
    }
    double id = json.number();
    if (TokenIdList.isTokenId(id)) {
      tokenIds.add(id);
    } else {
      fields.markSpoiled();
    }
  }

  boolean isEmpty() {
    return single.isEmpty() && texts.isEmpty() && tokenIds.size() == 0;
  }

  boolean hasTokenIds() {
    return tokenIds.size() > 0;
  }

  int[] tokenIds() {
    return tokenIds.toArray();
  }

  /** Whether it was an array of strings. */
  boolean isOfTexts() {
    return !texts.isEmpty();
  }

  /** Whether there were more strings than {@link #texts} holds. */
  boolean hasTooManyTexts() {
    return hasTooManyTexts;
  }

  /** The strings: one, or as many as the array has. */
  List<BodyText> texts() {
    return isOfTexts() ? texts : List.of(single);
  }

  /** Where the value stands in the body. */
  int start() {
    return start;
  }

  int end() {
    return end;
  }
}
