package ai.llmd.epp.adapter.tokenizers;

import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.json.JsonKind;
import ai.llmd.epp.json.JsonQuote;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A request of the Messages API as the chat completion that vLLM makes of it: system texts, images,
 * thoughts, calls of tools and their results.
 */
final class LegacyMessages {

  private static final String BILLING = "x-anthropic-billing-header";
  private static final String NO_CALL_ID = "call_0000000000";

  private final List<String> messages = new ArrayList<>();

  private LegacyMessages() {}

  /**
   * The chat completion.
   *
   * @throws WithoutResultException if the body is none of the API
   */
  static byte[] toChat(byte[] body, String model) {
    JsonObject request = JsonObject.of(body);
    if (request.kind() != JsonKind.OBJECT || !request.isValid()) {
      throw new WithoutResultException("cannot render this request as a chat completion");
    }
    var conversion = new LegacyMessages();
    conversion.addSystem(request.get("system"));
    request.get("messages").elements().forEach(conversion::add);
    StringBuilder chat =
        new StringBuilder("{\"model\":")
            .append(JsonQuote.quoted(model))
            .append(",\"messages\":[")
            .append(String.join(",", conversion.messages))
            .append(']');
    List<JsonObject> tools = request.get("tools").elements();
    if (!tools.isEmpty()) {
      chat.append(",\"tools\":[")
          .append(String.join(",", tools.stream().map(LegacyMessages::tool).toList()))
          .append(']');
    }
    return chat.append('}').toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String tool(JsonObject tool) {
    StringBuilder function = new StringBuilder("{\"name\":");
    function.append(JsonQuote.quoted(tool.get("name").text()));
    JsonObject schema = tool.get("input_schema");
    String parameters = schema.kind() == JsonKind.OBJECT ? schema.raw() : null;
    function
        .append(",\"parameters\":")
        .append(parameters == null ? "{\"type\":\"object\"}" : parameters);
    for (String key : List.of("description", "strict", "defer_loading")) {
      String value = tool.get(key).raw();
      if (value != null) {
        function.append(",\"").append(key).append("\":").append(value);
      }
    }
    return "{\"type\":\"function\",\"function\":" + function + "}}";
  }

  private void addSystem(JsonObject content) {
    StringBuilder system = new StringBuilder();
    if (content.isText()) {
      system.append(content.text());
    }
    for (JsonObject block : content.elements()) {
      String text = block.get("text").text();
      if (isOf(block, "text") && !text.startsWith(BILLING)) {
        system.append(text);
      }
    }
    if (!system.isEmpty()) {
      messages.add("{\"role\":\"system\",\"content\":" + JsonQuote.quoted(system.toString()) + "}");
    }
  }

  private void add(JsonObject message) {
    String role = message.get("role").text();
    JsonObject content = message.get("content");
    if (role.equals("system")) {
      addSystem(content);
    } else if (content.isText()) {
      messages.add(
          "{\"role\":"
              + JsonQuote.quoted(role)
              + ",\"content\":"
              + JsonQuote.quoted(content.text())
              + "}");
    } else {
      var blocks = new Blocks(role);
      content.elements().forEach(blocks::read);
      blocks.finish();
    }
  }

  private static boolean isOf(JsonObject block, String type) {
    return block.get("type").text().equals(type);
  }

  private static String textPart(String text) {
    return "{\"type\":\"text\",\"text\":" + JsonQuote.quoted(text) + "}";
  }

  /** The image of a block as a part; empty when it cannot be had. */
  private static String imagePart(JsonObject block) {
    JsonObject source = block.get("source");
    String url = source.get("url").text();
    String data = source.get("data").text();
    if (url.isEmpty() && !data.isEmpty()) {
      String type = source.get("media_type").text();
      url = "data:" + (type.isEmpty() ? "image/jpeg" : type) + ";base64," + data;
    }
    return url.isEmpty()
        ? ""
        : "{\"type\":\"image_url\",\"image_url\":{\"url\":" + JsonQuote.quoted(url) + "}}";
  }

  /** The blocks of one message. */
  private final class Blocks {

    private final String role;
    private final List<String> parts = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private final StringBuilder reasoning = new StringBuilder();
    private String onlyText = "";
    private int texts;

    Blocks(String role) {
      this.role = role;
    }

    void read(JsonObject block) {
      switch (block.get("type").text()) {
        case "text" -> addText(block.get("text").text());
        case "image" -> addImage(parts, block);
        case "thinking" -> reasoning.append(block.get("thinking").text());
        case "tool_use" -> calls.add(call(block));
        case "tool_result" -> addResult(block);
        default -> {}
      }
    }

    private void addText(String text) {
      if (!text.isEmpty()) {
        parts.add(textPart(text));
        onlyText = text;
        texts++;
      }
    }

    private static void addImage(List<String> to, JsonObject block) {
      String image = imagePart(block);
      if (!image.isEmpty()) {
        to.add(image);
      }
    }

    private static String call(JsonObject block) {
      String id = block.get("id").text();
      JsonObject input = block.get("input");
      String arguments = PythonJson.ofObject(input.body(), input.start(), input.end());
      return "{\"id\":"
          + JsonQuote.quoted(id.isEmpty() ? NO_CALL_ID : id)
          + ",\"type\":\"function\",\"function\":{\"name\":"
          + JsonQuote.quoted(block.get("name").text())
          + ",\"arguments\":"
          + JsonQuote.quoted(arguments)
          + "}}";
    }

    private void addResult(JsonObject block) {
      JsonObject content = block.get("content");
      List<String> found = new ArrayList<>();
      List<String> images = new ArrayList<>();
      if (content.isText()) {
        found.add(content.text());
      }
      for (JsonObject part : content.elements()) {
        if (isOf(part, "text")) {
          found.add(part.get("text").text());
        } else if (isOf(part, "image")) {
          addImage(images, part);
        }
      }
      String text = String.join("\n", found);
      if (!role.equals("user")) {
        addText("Tool result: " + text);
        return;
      }
      messages.add(
          "{\"role\":\"tool\",\"tool_call_id\":"
              + JsonQuote.quoted(block.get("tool_use_id").text())
              + ",\"content\":"
              + JsonQuote.quoted(text)
              + "}");
      if (!images.isEmpty()) {
        messages.add("{\"role\":\"user\",\"content\":[" + String.join(",", images) + "]}");
      }
    }

    void finish() {
      boolean isEmpty = parts.isEmpty() && calls.isEmpty() && reasoning.isEmpty();
      if (isEmpty || (role.equals("user") && parts.isEmpty())) {
        return;
      }
      StringBuilder message = new StringBuilder("{\"role\":").append(JsonQuote.quoted(role));
      if (parts.size() == 1 && texts == 1) {
        message.append(",\"content\":").append(JsonQuote.quoted(onlyText));
      } else if (!parts.isEmpty()) {
        message.append(",\"content\":[").append(String.join(",", parts)).append(']');
      }
      if (!reasoning.isEmpty()) {
        message.append(",\"reasoning\":").append(JsonQuote.quoted(reasoning.toString()));
      }
      if (!calls.isEmpty()) {
        message.append(",\"tool_calls\":[").append(String.join(",", calls)).append(']');
      }
      messages.add(message.append('}').toString());
    }
  }
}
