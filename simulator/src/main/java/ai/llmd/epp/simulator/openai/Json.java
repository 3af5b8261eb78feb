package ai.llmd.epp.simulator.openai;

import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/** Writes JSON documents into byte arrays. */
public final class Json {

  private static final JsonFactory FACTORY = new JsonFactory();
  private static final JsonStringEncoder ENCODER = JsonStringEncoder.getInstance();

  private Json() {}

  /** One object; the writer adds its fields. */
  public static byte[] object(Consumer<JsonGenerator> fields) {
    return document(
        json -> {
          json.writeStartObject();
          fields.accept(json);
          json.writeEndObject();
        });
  }

  /** Any document. */
  public static byte[] document(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
      content.accept(json);
    }
    return bytes.toByteArray();
  }

  /** The error object of the OpenAI API. */
  public static byte[] error(int status, String type, String message) {
    return object(
        json -> {
          json.writeObjectPropertyStart("error");
          json.writeStringProperty("message", message);
          json.writeStringProperty("type", type);
          json.writeNullProperty("param");
          json.writeNumberProperty("code", status);
          json.writeEndObject();
        });
  }

  /** A text between quotes. */
  static String quoted(String text) {
    return '"' + new String(ENCODER.quoteAsCharArray(text)) + '"';
  }
}
