package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonScanner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A value inside a body, of which only the parts that are asked for are read. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record JsonObject(byte[] body, int start, int end) {

  private static final JsonObject NULL =
      new JsonObject("null".getBytes(StandardCharsets.UTF_8), 0, 4);

  static JsonObject of(byte[] body) {
    return new JsonObject(body, 0, body.length);
  }

  JsonKind kind() {
    return scanner().kind();
  }

  boolean isText() {
    return kind() == JsonKind.STRING;
  }

  /** Whether nothing is wrong with it. */
  boolean isValid() {
    JsonScanner json = scanner();
    json.skip();
    json.finish();
    return json.error() == null;
  }

  /** A member, of several the last; a null when there is none. */
  JsonObject get(String key) {
    JsonObject found = members().get(key);
    return found == null ? NULL : found;
  }

  private Map<String, JsonObject> members() {
    Map<String, JsonObject> members = new LinkedHashMap<>();
    JsonScanner json = scanner();
    if (json.kind() == JsonKind.OBJECT) {
      json.enter();
      while (json.nextMember()) {
        String key = json.key().content();
        members.put(key, value(json));
      }
    }
    return members;
  }

  /** The elements of an array; none of anything else. */
  List<JsonObject> elements() {
    List<JsonObject> elements = new ArrayList<>();
    JsonScanner json = scanner();
    if (json.kind() == JsonKind.ARRAY) {
      json.enter();
      while (json.nextElement()) {
        elements.add(value(json));
      }
    }
    return elements;
  }

  private JsonObject value(JsonScanner json) {
    int from = json.position();
    json.skip();
    return new JsonObject(body, from, json.position());
  }

  /** The decoded text; empty when it is none. */
  String text() {
    JsonScanner json = scanner();
    return json.kind() == JsonKind.STRING ? json.text().content() : "";
  }

  /** The value as it stands; null for a JSON null. */
  @Nullable String raw() {
    return kind() == JsonKind.NULL || kind() == JsonKind.NONE
        ? null
        : new String(body, start, end - start, StandardCharsets.UTF_8);
  }

  private JsonScanner scanner() {
    return new JsonScanner(body, start, end);
  }

  /** Names the size, never the content. */
  @Override
  public String toString() {
    return "JsonObject[" + (end - start) + " bytes]";
  }
}
