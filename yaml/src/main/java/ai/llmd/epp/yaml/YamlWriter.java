package ai.llmd.epp.yaml;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Writes YAML in blocks, with comments. Values are maps, lists, texts, numbers, booleans and null;
 * what it writes reads as the same values.
 */
public final class YamlWriter {

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z_/][A-Za-z0-9_./-]*");
  private static final Set<String> WORDS = Set.of("true", "false", "null");

  private final StringBuilder text = new StringBuilder();

  /** A comment line; empty for a blank line. */
  public void comment(int indent, String sentence) {
    text.repeat(' ', sentence.isEmpty() ? 0 : indent);
    text.append(sentence.isEmpty() ? "" : "# " + sentence.replace('\n', ' ')).append('\n');
  }

  /** A field of the document; the items of its list are written next. */
  public void begin(String name) {
    text.append(quoted(name)).append(":\n");
  }

  /** A field of a mapping. */
  public void field(int indent, String name, @Nullable Object value) {
    text.repeat(' ', indent).append(quoted(name)).append(':');
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() -> {
        text.append('\n');
        map.forEach((key, nested) -> field(indent + 2, String.valueOf(key), nested));
      }
      case List<?> items when !items.isEmpty() -> {
        text.append('\n');
        items.forEach(item -> item(indent, item));
      }
      case null, default -> text.append(' ').append(scalar(value)).append('\n');
    }
  }

  /** An item of a list. */
  public void item(int indent, @Nullable Object value) {
    int start = text.length();
    switch (value) {
      case Map<?, ?> map when !map.isEmpty() ->
          map.forEach((key, nested) -> field(indent + 2, String.valueOf(key), nested));
      case List<?> items when !items.isEmpty() -> items.forEach(item -> item(indent + 2, item));
      case null, default -> text.repeat(' ', indent + 2).append(scalar(value)).append('\n');
    }
    text.replace(start + indent, start + indent + 2, "- ");
  }

  private static String scalar(@Nullable Object value) {
    return switch (value) {
      case null -> "null";
      case Map<?, ?> ignored -> "{}";
      case List<?> ignored -> "[]";
      case Double number -> numeral(number);
      case Number number -> number.toString();
      case Boolean flag -> flag.toString();
      default -> quoted(value.toString());
    };
  }

  /** A number as short as it can be. */
  public static String numeral(double number) {
    long whole = (long) number;
    boolean isWhole = Double.compare((double) whole, number) == 0; // false for -0.0
    return isWhole ? Long.toString(whole) : Double.toString(number);
  }

  /** The text, in quotes where it would read as something else without them. */
  private static String quoted(String value) {
    boolean isPlain =
        PLAIN.matcher(value).matches() && WORDS.stream().noneMatch(value::equalsIgnoreCase);
    if (isPlain) {
      return value;
    }
    StringBuilder quoted = new StringBuilder("\"");
    value.codePoints().forEach(character -> quote(character, quoted));
    return quoted.append('"').toString();
  }

  private static void quote(int character, StringBuilder quoted) {
    if (character == '"' || character == '\\') {
      quoted.append('\\').appendCodePoint(character);
    } else if (character >= ' ' && character <= '~') {
      quoted.appendCodePoint(character);
    } else {
      quoted.append("\\U%08x".formatted(character));
    }
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
