package ai.llmd.epp.adapter.extproc.body.anthropic;

import ai.llmd.epp.adapter.extproc.body.CanonicalText;
import ai.llmd.epp.adapter.extproc.body.CompactText;
import ai.llmd.epp.adapter.extproc.body.FieldReader;
import ai.llmd.epp.adapter.extproc.body.PieceList;
import ai.llmd.epp.adapter.extproc.body.Texts;
import ai.llmd.epp.domain.request.Utf8Text;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import org.jspecify.annotations.Nullable;

/** One tool of a messages request, as it goes into the prompt: known fields in a fixed order. */
final class AnthropicTool {

  private static final Utf8Text OPENING = Utf8Text.of("[");
  private static final Utf8Text CLOSING = Utf8Text.of("]");
  private static final Utf8Text BETWEEN = Utf8Text.of(",");
  private static final Utf8Text NAME = Utf8Text.of("{\"name\":");
  private static final Utf8Text NO_NAME = Utf8Text.of("\"\"");
  private static final Utf8Text DESCRIPTION = Utf8Text.of(",\"description\":");
  private static final Utf8Text INPUT_SCHEMA = Utf8Text.of(",\"input_schema\":");
  private static final Utf8Text STRICT = Utf8Text.of(",\"strict\":");
  private static final Utf8Text DEFER_LOADING = Utf8Text.of(",\"defer_loading\":");
  private static final Utf8Text TOOL_CLOSING = Utf8Text.of("}");

  private final byte[] body;
  private @Nullable Utf8Text name;
  private @Nullable Utf8Text description;
  private @Nullable Utf8Text inputSchema;
  private @Nullable Utf8Text strict;
  private @Nullable Utf8Text deferLoading;

  private AnthropicTool(byte[] body) {
    this.body = body;
  }

  /** The tools that stand here, as JSON; null when there are none. */
  static @Nullable PieceList readAll(byte[] body, FieldReader fields) {
    if (!fields.entersArray()) {
      return null;
    }
    PieceList pieces = new PieceList();
    boolean isFirst = true;
    while (fields.json().nextElement()) {
      pieces.text(isFirst ? OPENING : BETWEEN);
      isFirst = false;
      AnthropicTool tool = new AnthropicTool(body);
      tool.read(fields);
      tool.addTo(pieces);
    }
    return isFirst ? null : pieces.text(CLOSING);
  }

  private void read(FieldReader fields) {
    JsonScanner json = fields.json();
    if (!fields.entersObject()) {
      return;
    }
    while (json.nextMember()) {
      if (json.keyFoldsTo("name")) {
        name = string(json, name);
      } else if (json.keyFoldsTo("description")) {
        description = string(json, description);
      } else if (json.keyFoldsTo("input_schema")) {
        int start = json.position();
        json.skip();
        inputSchema = new CompactText(body, start, json.position());
      } else if (json.keyFoldsTo("strict")) {
        strict = flag(json);
      } else if (json.keyFoldsTo("defer_loading")) {
        deferLoading = flag(json);
      } else {
        json.skip();
      }
    }
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

  private @Nullable Utf8Text flag(JsonScanner json) {
    boolean isFlag = json.kind() == JsonKind.TRUE || json.kind() == JsonKind.FALSE;
    int start = json.position();
    json.skip();
    return isFlag ? Texts.span(body, start, json.position()) : null;
  }

  private void addTo(PieceList pieces) {
    pieces.text(NAME).text(name == null ? NO_NAME : name);
    add(pieces, DESCRIPTION, description);
    add(pieces, INPUT_SCHEMA, inputSchema);
    add(pieces, STRICT, strict);
    add(pieces, DEFER_LOADING, deferLoading);
    pieces.text(TOOL_CLOSING);
  }

  private static void add(PieceList pieces, Utf8Text key, @Nullable Utf8Text value) {
    if (value != null) {
      pieces.text(key).text(value);
    }
  }
}
