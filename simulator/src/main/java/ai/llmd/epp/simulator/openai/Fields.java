package ai.llmd.epp.simulator.openai;

import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads the value a parser stands on, or reports what is wrong with the field. */
final class Fields {

  private Fields() {}

  static String text(JsonParser parser, String field) {
    require(parser.currentToken() == JsonToken.VALUE_STRING, field, "a string");
    return parser.getString();
  }

  static boolean flag(JsonParser parser, String field) {
    JsonToken token = parser.currentToken();
    require(token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE, field, "a boolean");
    return token == JsonToken.VALUE_TRUE;
  }

  static double number(JsonParser parser, String field) {
    require(parser.currentToken().isNumeric(), field, "a number");
    return parser.getDoubleValue();
  }

  static int integer(JsonParser parser, String field) {
    double value = number(parser, field);
    require(value == (int) value, field, "a whole number");
    return (int) value;
  }

  static int positive(JsonParser parser, String field) {
    int value = integer(parser, field);
    require(value > 0, field, "more than 0");
    return value;
  }

  /** Visits the fields of an object; the visitor finds the parser on the value, never a null. */
  static void each(JsonParser parser, String field, Consumer<String> visitor) {
    require(parser.currentToken() == JsonToken.START_OBJECT, field, "an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_NULL) {
        visitor.accept(name);
      }
    }
  }

  static void require(boolean isRight, String field, String expected) {
    if (!isRight) {
      throw new InvalidRequestException(field + " must be " + expected + ".");
    }
  }
}
