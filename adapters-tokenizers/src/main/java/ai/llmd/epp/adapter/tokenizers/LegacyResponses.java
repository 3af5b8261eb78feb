package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonQuote;
import ai.llmd.epp.json.JsonScanner;
import java.nio.charset.StandardCharsets;

/**
 * A request of the Responses API as a chat completion that the model reads alike: texts, images,
 * instructions. What has no counterpart there, such as calls of functions, is refused: no tokens
 * are better than too few.
 */
final class LegacyResponses {

  private final byte[] body;
  private final JsonScanner json;
  private final StringBuilder messages = new StringBuilder();
  private String instructions = "";

  private LegacyResponses(byte[] body) {
    this.body = body;
    this.json = new JsonScanner(body, 0, body.length);
  }

  /**
   * The chat completion.
   *
   * @throws WithoutResultException if there is none that the model reads alike
   */
  static byte[] toChat(byte[] body, String model) {
    var conversion = new LegacyResponses(body);
    conversion.read();
    return ("{\"model\":"
            + JsonQuote.quoted(model)
            + ",\"messages\":["
            + conversion.instructions
            + conversion.messages
            + "]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private void read() {
    require(json.kind() == JsonKind.OBJECT);
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("instructions") && json.kind() == JsonKind.STRING) {
        String text = raw();
        instructions = text.equals("\"\"") ? "" : "{\"role\":\"system\",\"content\":" + text + "},";
      } else if (json.keyIs("input")) {
        readInput();
      } else if (json.keyIs("tools") || json.keyIs("previous_response_id")) {
        requireNothing();
      } else {
        json.skip();
      }
    }
    require(json.error() == null && !messages.isEmpty());
  }

  private void requireNothing() {
    if (json.kind() == JsonKind.ARRAY) {
      json.enter();
      require(!json.nextElement());
    } else {
      require(json.kind() == JsonKind.NULL);
      json.skip();
    }
  }

  private void readInput() {
    messages.setLength(0);
    if (json.kind() == JsonKind.STRING) {
      messages.append("{\"role\":\"user\",\"content\":").append(raw()).append('}');
      return;
    }
    require(json.kind() == JsonKind.ARRAY);
    json.enter();
    while (json.nextElement()) {
      readItem();
    }
  }

  private void readItem() {
    require(json.kind() == JsonKind.OBJECT);
    String role = "";
    String content = "";
    json.enter();
    while (json.nextMember()) {
      if (json.keyIs("type")) {
        require(json.kind() == JsonKind.STRING && json.text().contentEquals("message"));
      } else if (json.keyIs("role") && json.kind() == JsonKind.STRING) {
        role = raw();
      } else if (json.keyIs("content")) {
        content = json.kind() == JsonKind.STRING ? raw() : parts();
      } else {
        json.skip();
      }
    }
    require(!role.isEmpty() && !content.isEmpty());
    messages
        .append(messages.isEmpty() ? "" : ",")
        .append("{\"role\":")
        .append(role)
        .append(",\"content\":")
        .append(content)
        .append('}');
  }

  private String parts() {
    require(json.kind() == JsonKind.ARRAY);
    StringBuilder parts = new StringBuilder("[");
    json.enter();
    while (json.nextElement()) {
      parts.append(parts.length() == 1 ? "" : ",").append(part());
    }
    return parts.append(']').toString();
  }

  private String part() {
    require(json.kind() == JsonKind.OBJECT);
    String type = "";
    String text = "";
    String url = "";
    json.enter();
    while (json.nextMember()) {
      if (json.kind() != JsonKind.STRING) {
        json.skip();
      } else if (json.keyIs("type")) {
        type = json.text().content();
      } else if (json.keyIs("text")) {
        text = raw();
      } else if (json.keyIs("image_url")) {
        url = raw();
      } else {
        json.skip();
      }
    }
    if (type.equals("input_image") && !url.isEmpty()) {
      return "{\"type\":\"image_url\",\"image_url\":{\"url\":" + url + "}}";
    }
    require((type.equals("input_text") || type.equals("output_text")) && !text.isEmpty());
    return "{\"type\":\"text\",\"text\":" + text + "}";
  }

  /** The value that starts here, as it stands. */
  private String raw() {
    int start = json.position();
    json.skip();
    return new String(body, start, json.position() - start, StandardCharsets.UTF_8);
  }

  private static void require(boolean isConvertible) {
    if (!isConvertible) {
      throw new WithoutResultException("cannot render this request as a chat completion");
    }
  }
}
