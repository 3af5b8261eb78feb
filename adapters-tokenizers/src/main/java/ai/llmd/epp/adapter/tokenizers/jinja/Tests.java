package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tests that templates can use. */
final class Tests {

  private static final Set<String> NAMES =
      Set.of(
          "!=",
          "<",
          "<=",
          "==",
          ">",
          ">=",
          "boolean",
          "callable",
          "defined",
          "divisibleby",
          "eq",
          "equalto",
          "even",
          "false",
          "float",
          "ge",
          "greaterthan",
          "gt",
          "in",
          "integer",
          "iterable",
          "le",
          "lessthan",
          "lower",
          "lt",
          "mapping",
          "ne",
          "none",
          "number",
          "odd",
          "sameas",
          "sequence",
          "string",
          "true",
          "undefined",
          "upper");

  private Tests() {}

  static boolean isKnown(String name) {
    return NAMES.contains(name);
  }

  static boolean passes(String name, Object value, Arguments with) {
    return switch (name) {
      case "defined" -> !(value instanceof Undefined);
      case "undefined" -> value instanceof Undefined;
      case "none" -> value instanceof None;
      case "string" -> value instanceof String || value instanceof Values.Safe;
      case "mapping" -> value instanceof Map<?, ?>;
      case "number" -> Values.isNumber(value);
      case "integer" -> Values.isInteger(value);
      case "float" -> value instanceof Double;
      case "boolean" -> value instanceof Boolean;
      case "true" -> value.equals(true);
      case "false" -> value.equals(false);
      case "iterable", "sequence" ->
          value instanceof List<?>
              || value instanceof Map<?, ?>
              || value instanceof String
              || value instanceof Undefined;
      case "callable" -> value instanceof Function;
      case "odd" -> Math.floorMod(Values.requireInteger(value), 2) == 1;
      case "even" -> Math.floorMod(Values.requireInteger(value), 2) == 0;
      case "divisibleby" -> {
        long by = Values.requireInteger(with.get(0, "num"));
        if (by == 0) {
          throw new TemplateException("a number is divided by zero");
        }
        yield Values.requireInteger(value) % by == 0;
      }
      case "in" -> Values.contains(with.get(0, "seq"), value);
      case "sameas" -> isSame(value, with.get(0, "other"));
      case "lower" -> isCase(Values.softText(value), false);
      case "upper" -> isCase(Values.softText(value), true);
      default -> compares(name, value, with.get(0, "other"));
    };
  }

  static boolean compares(String name, Object value, Object other) {
    return switch (name) {
      case "eq", "equalto", "==" -> Values.isEqual(value, other);
      case "ne", "!=" -> !Values.isEqual(value, other);
      case "lt", "lessthan", "<" -> Values.compare(value, other) < 0;
      case "le", "<=" -> Values.compare(value, other) <= 0;
      case "gt", "greaterthan", ">" -> Values.compare(value, other) > 0;
      case "ge", ">=" -> Values.compare(value, other) >= 0;
      default -> throw new TemplateException("the test " + name + " is not known");
    };
  }

  /** Identity, which only None and truth values have for sure. */
  private static boolean isSame(Object value, Object other) {
    if (value instanceof None || value instanceof Boolean || other instanceof None) {
      return value.equals(other);
    }
    throw new TemplateException("the test sameas knows None, true and false only");
  }

  static boolean isCase(String text, boolean isUpper) {
    boolean hasCase = false;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (isUpper ? Character.isLowerCase(c) : Character.isUpperCase(c)) {
        return false;
      }
      hasCase |= Character.isLowerCase(c) || Character.isUpperCase(c);
    }
    return hasCase;
  }
}
