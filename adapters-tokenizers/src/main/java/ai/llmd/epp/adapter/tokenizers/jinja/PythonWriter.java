package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Values.Tuple;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/** Writes values as Python's {@code str} and {@code repr} do. */
final class PythonWriter {

  private static final int MAX_DEPTH = 200;

  private PythonWriter() {}

  /** Python's {@code str}. */
  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    if (value instanceof Values.Safe safe) {
      return safe.text();
    }
    if (value instanceof Undefined) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    write(value, out, 0);
    return out.toString();
  }

  private static void write(Object value, StringBuilder out, int depth) {
    if (depth > MAX_DEPTH) {
      throw new TemplateException("a value is nested too deeply to be written");
    }
    Effort.spend(1 + (value instanceof String text ? text.length() : 0));
    switch (value) {
      case String text -> quote(text, out);
      case Boolean truth -> out.append(truth ? "True" : "False");
      case None none -> out.append("None");
      case Undefined undefined -> out.append("Undefined");
      case Long number -> out.append(number.longValue());
      case BigInteger number -> out.append(number);
      case Double number -> out.append(number(number));
      case List<?> list -> {
        boolean isTuple = list instanceof Tuple;
        out.append(isTuple ? '(' : '[');
        for (int i = 0; i < list.size(); i++) {
          out.append(i == 0 ? "" : ", ");
          write(list.get(i), out, depth + 1);
        }
        out.append(isTuple ? (list.size() == 1 ? ",)" : ")") : "]");
      }
      case Map<?, ?> map -> {
        out.append('{');
        boolean isFirst = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(isFirst ? "" : ", ");
          write(entry.getKey(), out, depth + 1);
          out.append(": ");
          write(entry.getValue(), out, depth + 1);
          isFirst = false;
        }
        out.append('}');
      }
      default -> throw new TemplateException("a value without content is written");
    }
  }

  /** A float as Python writes it: the shortest digits that mean it. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 16) {
      String plain = digits.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String unscaled = digits.unscaledValue().abs().toString();
    String mantissa =
        unscaled.length() == 1 ? unscaled : unscaled.charAt(0) + "." + unscaled.substring(1);
    int size = Math.abs(exponent);
    return (value < 0 ? "-" : "")
        + mantissa
        + (exponent < 0 ? "e-" : "e+")
        + (size < 10 ? "0" : "")
        + size;
  }

  private static void quote(String text, StringBuilder out) {
    char mark = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(mark);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                  if (c == mark) {
                    out.append('\\').append(mark);
                  } else if (isPrintable(c)) {
                    out.appendCodePoint(c);
                  } else if (c < 0x100) {
                    out.append("\\x%02x".formatted(c));
                  } else {
                    out.append((c < 0x10000 ? "\\u%04x" : "\\U%08x").formatted(c));
                  }
                }
              }
            });
    out.append(mark);
  }

  private static boolean isPrintable(int c) {
    if (c < 0x7f) {
      return c >= ' ';
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
