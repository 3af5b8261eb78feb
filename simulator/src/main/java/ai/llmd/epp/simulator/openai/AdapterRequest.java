package ai.llmd.epp.simulator.openai;

import java.io.InputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The body of {@code /v1/load_lora_adapter} and {@code /v1/unload_lora_adapter}. */
public final class AdapterRequest {

  private static final JsonFactory JSON = new JsonFactory();
  private static final int MAX_NAME_LENGTH = 256;

  private AdapterRequest() {}

  /**
   * The {@code lora_name}; the path is of no use here.
   *
   * @throws InvalidRequestException when there is none
   */
  public static String name(InputStream body) {
    String[] name = {""};
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      parser.nextToken();
      Fields.each(
          parser,
          "the body",
          field -> {
            if (field.equals("lora_name")) {
              name[0] = Fields.text(parser, field);
            } else {
              parser.skipChildren();
            }
          });
    } catch (JacksonException malformed) {
      throw new InvalidRequestException("The body is not valid JSON.");
    }
    Fields.require(
        !name[0].isEmpty() && name[0].length() <= MAX_NAME_LENGTH,
        "lora_name",
        "a string of 1 to " + MAX_NAME_LENGTH + " characters");
    return name[0];
  }
}
