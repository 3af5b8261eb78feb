package ai.llmd.epp.simulator;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** One value of {@code --lora-modules}. */
final class LoraModule {

  private static final JsonFactory JSON = new JsonFactory();

  private LoraModule() {}

  /**
   * The name in {@code {"name": "a", "path": …}}, or the value itself when it is no object.
   *
   * @throws IllegalArgumentException when there is no name
   */
  static String name(String value) {
    String name = value.startsWith("{") ? nameIn(value) : value;
    if (name.isBlank()) {
      throw new IllegalArgumentException("lora-modules: every adapter needs a name");
    }
    return name;
  }

  private static String nameIn(String json) {
    String name = "";
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      parser.nextToken();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        boolean isName = parser.currentName().equals("name");
        if (parser.nextToken() == JsonToken.VALUE_STRING && isName) {
          name = parser.getString();
        }
        parser.skipChildren();
      }
    } catch (JacksonException malformed) {
      throw new IllegalArgumentException("lora-modules: not valid JSON", malformed);
    }
    return name;
  }
}
