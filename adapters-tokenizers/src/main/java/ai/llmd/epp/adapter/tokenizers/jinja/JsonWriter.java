package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.json.JsonQuote;
import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Writes values as Python's {@code json.dumps} does, by default with a space behind commas and
 * colons and with letters of all scripts as they are: the filter {@code tojson} of chat templates.
 */
final class JsonWriter {

  private static final int MAX_DEPTH = 200;

  private final String indent;
  private final boolean hasIndent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean isAscii;
  private final boolean isSorted;
  private final StringBuilder out = new StringBuilder();

  private JsonWriter(Arguments arguments) {
    Object width = arguments.get(1, "indent", None.NONE);
    this.indent =
        switch (width) {
          case None none -> "";
          case String text -> text;
          default -> " ".repeat((int) Math.clamp(Values.requireInteger(width), 0, 100));
        };
    this.hasIndent = !(width instanceof None);
    this.isAscii = arguments.isTrue(0, "ensure_ascii");
    Object separators = arguments.get(2, "separators", None.NONE);
    if (separators instanceof List<?> pair && pair.size() == 2) {
      this.itemSeparator = Values.requireText(pair.get(0));
      this.keySeparator = Values.requireText(pair.get(1));
    } else {
      this.itemSeparator = hasIndent ? "," : ", ";
      this.keySeparator = ": ";
    }
    this.isSorted = arguments.isTrue(3, "sort_keys");
  }

  static String json(Object value, Arguments arguments) {
    JsonWriter writer = new JsonWriter(arguments.atMost(4));
    writer.write(value, 0);
    return writer.out.toString();
  }

  private void write(Object value, int depth) {
    if (depth > MAX_DEPTH) {
      throw new TemplateException("a value is nested too deeply to be written");
    }
    Effort.spend(1 + (value instanceof String text ? text.length() : 0));
    switch (value) {
      case String text -> JsonQuote.appendPython(out, text, isAscii);
      case Boolean truth -> out.append(truth.booleanValue());
      case None none -> out.append("null");
      case Long number -> out.append(number.longValue());
      case BigInteger number -> out.append(number);
      case Double number -> out.append(number(number));
      case List<?> list -> {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
          separate(i == 0, itemSeparator);
          newLine(depth + 1);
          write(list.get(i), depth + 1);
        }
        close(list.isEmpty(), depth, ']');
      }
      case Map<?, ?> map -> {
        out.append('{');
        boolean isFirst = true;
        for (Map.Entry<?, ?> entry : entries(map)) {
          separate(isFirst, itemSeparator);
          newLine(depth + 1);
          String key = key(entry.getKey());
          Effort.spend(key.length());
          JsonQuote.appendPython(out, key, isAscii);
          separate(false, keySeparator);
          write(entry.getValue(), depth + 1);
          isFirst = false;
        }
        close(map.isEmpty(), depth, '}');
      }
      default -> throw new TemplateException(Values.typeName(value) + " has no JSON");
    }
  }

  private void separate(boolean isFirst, String separator) {
    if (!isFirst) {
      Effort.spend(separator.length());
      out.append(separator);
    }
  }

  private List<? extends Map.Entry<?, ?>> entries(Map<?, ?> map) {
    Stream<? extends Map.Entry<?, ?>> entries = map.entrySet().stream();
    return isSorted
        ? entries
            .sorted(
                Comparator.comparing(entry -> Values.requireText(entry.getKey()), Values::compare))
            .toList()
        : entries.toList();
  }

  private void close(boolean isEmpty, int depth, char bracket) {
    if (!isEmpty) {
      newLine(depth);
    }
    out.append(bracket);
  }

  private void newLine(int depth) {
    if (hasIndent) {
      Effort.spend((long) indent.length() * depth);
      out.append('\n').repeat(indent, depth);
    }
  }

  private static String key(Object key) {
    return switch (key) {
      case String text -> text;
      case Boolean truth -> truth ? "true" : "false";
      case None none -> "null";
      case Double number -> number(number);
      default -> PythonWriter.text(key);
    };
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "Infinity" : "-Infinity";
    }
    return PythonWriter.number(value);
  }
}
