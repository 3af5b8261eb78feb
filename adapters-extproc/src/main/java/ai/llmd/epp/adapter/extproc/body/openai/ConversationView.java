package ai.llmd.epp.adapter.extproc.body.openai;

import ai.llmd.epp.adapter.extproc.body.CanonicalText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.domain.request.Prompt;
import ai.llmd.epp.domain.request.StoredAnswers;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/conversations}: the prompt is the JSON list of the items, of each {@code type}, {@code
 * role} and {@code content} as far as they are there. A conversation may begin without any.
 */
final class ConversationView implements ApiView {

  private static final Utf8Text OPENING = Utf8Text.of("[");
  private static final Utf8Text CLOSING = Utf8Text.of("]");
  private static final Utf8Text BETWEEN_ITEMS = Utf8Text.of(",");
  private static final Utf8Text ITEM_OPENING = Utf8Text.of("{");
  private static final Utf8Text ITEM_CLOSING = Utf8Text.of("}");
  private static final Utf8Text BETWEEN_FIELDS = Utf8Text.of(",");
  private static final Utf8Text TYPE = Utf8Text.of("\"type\":");
  private static final Utf8Text ROLE = Utf8Text.of("\"role\":");
  private static final Utf8Text CONTENT = Utf8Text.of("\"content\":");

  private final byte[] body;
  private final PieceList pieces = new PieceList();
  private int items;

  ConversationView(byte[] body) {
    this.body = body;
  }

  @Override
  public boolean read(FieldReader fields) {
    JsonScanner json = fields.json();
    if (!json.keyFoldsTo("items")) {
      return false;
    }
    readItems(fields);
    return true;
  }

  private void readItems(FieldReader fields) {
    pieces.clear();
    items = 0;
    if (!fields.entersArray()) {
      return;
    }
    while (fields.json().nextElement()) {
      pieces.text(items == 0 ? OPENING : BETWEEN_ITEMS);
      items++;
      new Item().read(fields);
    }
    pieces.text(CLOSING);
  }

  @Override
  public boolean isComplete() {
    return true;
  }

  @Override
  public List<Prompt> prompts() {
    return items == 0 ? List.of() : List.of(pieces.toPrompt());
  }

  /** The server keeps the conversation that it begins. */
  @Override
  public StoredAnswers stored() {
    return new StoredAnswers("", true);
  }

  private final class Item {

    private @Nullable Utf8Text type;
    private @Nullable Utf8Text role;
    private @Nullable Utf8Text content;
    private boolean hasField;

    void read(FieldReader fields) {
      JsonScanner json = fields.json();
      if (fields.entersObject()) {
        while (json.nextMember()) {
          if (json.keyFoldsTo("type")) {
            type = string(json, type);
          } else if (json.keyFoldsTo("role")) {
            role = string(json, role);
          } else if (json.keyFoldsTo("content")) {
            content = json.kind() == JsonKind.NULL ? skipped(json) : value(json);
          } else {
            json.skip();
          }
        }
      }
      pieces.text(ITEM_OPENING);
      write(TYPE, type);
      write(ROLE, role);
      write(CONTENT, content);
      pieces.text(ITEM_CLOSING);
    }

    private @Nullable Utf8Text string(JsonScanner json, @Nullable Utf8Text before) {
      if (json.kind() != JsonKind.STRING) {
        json.skip();
        return before;
      }
      int start = json.position();
      boolean isEmpty = json.text().isEmpty();
      return isEmpty ? null : new CanonicalText(body, start, json.position());
    }

    private @Nullable Utf8Text skipped(JsonScanner json) {
      json.skip();
      return null;
    }

    private Utf8Text value(JsonScanner json) {
      int start = json.position();
      json.skip();
      return new CanonicalText(body, start, json.position());
    }

    private void write(Utf8Text name, @Nullable Utf8Text value) {
      if (value != null) {
        if (hasField) {
          pieces.text(BETWEEN_FIELDS);
        }
        hasField = true;
        pieces.text(name).text(value);
      }
    }
  }
}
