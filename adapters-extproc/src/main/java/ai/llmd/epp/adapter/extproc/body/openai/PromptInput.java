package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.BodyText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.TokenIdList;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.PromptPiece;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The value of {@code prompt} or of an embedding's {@code input}: one string, several strings,
 * token ids, or several arrays of token ids. What has another form is left to the model server.
 */
final class PromptInput {

  /**
   * More prompts than this are not kept, and the request is routed without them: a hostile body
   * would turn four bytes into a prompt of a hundred.
   */
  static final int MAX_PROMPTS = 65_536;

  /** What was found. */
  enum Form {
    /** No value, null, an empty string or an empty array. */
    NOTHING,
    TEXT,
    TEXTS,
    TOKEN_IDS,
    /** Arrays of token ids, each of them a prompt. */
    TOKEN_ARRAYS,
    /** Something that is not understood, or too much of it. */
    UNREADABLE,
    /**
     * A bare number, a number that is no token id, or texts among numbers. The reference was
     * recorded refusing these.
     */
    NO_PROMPT
  }

  private Form form = Form.NOTHING;
  private BodyText single = BodyText.EMPTY;
  private List<BodyText> texts = List.of();
  private boolean hasTooMany;
  private TokenIdList tokenIds = new TokenIdList();
  private TokenIdList arrayEnds = new TokenIdList();
  private int start;
  private int end;

  void read(FieldReader fields) {
    single = BodyText.EMPTY;
    texts = List.of();
    hasTooMany = false;
    tokenIds = new TokenIdList();
    arrayEnds = new TokenIdList();
    JsonScanner json = fields.json();
    start = json.position();
    switch (json.kind()) {
      case STRING -> {
        single = BodyText.read(json);
        form = single.isEmpty() ? Form.NOTHING : Form.TEXT;
      }
      case ARRAY -> readArray(json);
      case NUMBER -> passAs(json, Form.NO_PROMPT);
      case NULL, NONE -> passAs(json, Form.NOTHING);
      case OBJECT, TRUE, FALSE -> passAs(json, Form.UNREADABLE);
    }
    end = json.position();
  }

  private void passAs(JsonScanner json, Form found) {
    form = found;
    json.skip();
  }

  private void readArray(JsonScanner json) {
    form = Form.NOTHING;
    json.enter();
    while (json.nextElement()) {
      if (form == Form.NOTHING) {
        form = formOf(json.kind());
      }
      switch (form) {
        case TEXTS -> readText(json);
        case TOKEN_IDS -> readTokenId(json);
        case TOKEN_ARRAYS -> readTokenArray(json);
        case NOTHING, TEXT, UNREADABLE, NO_PROMPT -> json.skip();
      }
    }
    if (hasTooMany && form != Form.NO_PROMPT) {
      form = Form.UNREADABLE;
    }
  }

  /** The first element fixes the form of all. */
  private Form formOf(JsonKind first) {
    return switch (first) {
      case STRING -> {
        texts = new ArrayList<>();
        yield Form.TEXTS;
      }
      case NUMBER -> Form.TOKEN_IDS;
      case ARRAY -> Form.TOKEN_ARRAYS;
      case OBJECT, TRUE, FALSE, NULL, NONE -> Form.UNREADABLE;
    };
  }

  private void readText(JsonScanner json) {
    if (json.kind() != JsonKind.STRING) {
      passAs(json, json.kind() == JsonKind.NUMBER ? Form.NO_PROMPT : Form.UNREADABLE);
    } else if (texts.size() == MAX_PROMPTS) {
      hasTooMany = true;
      json.skip();
    } else {
      texts.add(BodyText.read(json));
    }
  }

  private void readTokenId(JsonScanner json) {
    if (json.kind() != JsonKind.NUMBER) {
      passAs(json, json.kind() == JsonKind.STRING ? Form.NO_PROMPT : Form.UNREADABLE);
      return;
    }
    double id = json.number();
    if (TokenIdList.isTokenId(id)) {
      tokenIds.add(id);
    } else {
      form = Form.NO_PROMPT;
    }
  }

  private void readTokenArray(JsonScanner json) {
    if (json.kind() != JsonKind.ARRAY || arrayEnds.size() == MAX_PROMPTS) {
      passAs(json, Form.UNREADABLE);
      return;
    }
    json.enter();
    while (json.nextElement()) {
      if (json.kind() != JsonKind.NUMBER) {
        passAs(json, Form.UNREADABLE);
        continue;
      }
      double id = json.number();
      if (TokenIdList.isTokenId(id)) {
        tokenIds.add(id);
      } else {
        form = Form.UNREADABLE;
      }
    }
    arrayEnds.addUnsigned(tokenIds.size());
  }

  Form form() {
    return form;
  }

  /** The strings: one, or as many as the array has. */
  List<BodyText> texts() {
    return form == Form.TEXTS ? texts : List.of(single);
  }

  /** The prompts that came as token ids: one, or one for each array that has any. */
  List<Prompt> tokenPrompts() {
    int[] all = tokenIds.toArray();
    if (form == Form.TOKEN_IDS) {
      return List.of(prompt(all));
    }
    List<Prompt> prompts = new ArrayList<>(arrayEnds.size());
    int from = 0;
    for (int to : arrayEnds.toArray()) {
      if (to > from) {
        prompts.add(prompt(Arrays.copyOfRange(all, from, to)));
      }
      from = to;
    }
    return prompts;
  }

  private static Prompt prompt(int[] ids) {
    return new Prompt(List.of(new PromptPiece.TokenIds(ids)));
  }

  /** Where the value stands in the body. */
  int start() {
    return start;
  }

  int end() {
    return end;
  }
}
