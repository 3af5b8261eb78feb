package ai.llmd.epp.adapter.tokenizers.jinja;

import java.math.BigInteger;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Python's values: {@link None}, Boolean, Long (BigInteger beyond), Double, String, lists, maps
 * that keep their order, {@link Undefined}, and what the template itself makes. None of them
 * changes but namespaces.
 */
final class Values {

  private Values() {}

  /** A list that Python writes in parentheses. */
  static final class Tuple extends AbstractList<Object> {

    private final List<Object> elements;

    Tuple(List<Object> elements) {
      this.elements = List.copyOf(elements);
    }

    @Override
    public Object get(int index) {
      return elements.get(index);
    }

    @Override
    public int size() {
      return elements.size();
    }
  }

  /**
   * A text that is marked as safe: written as it is, but what is added to it with a plus is escaped
   * for HTML.
   */
  record Safe(String text) {

    /** Another text, escaped unless it is safe itself; null when it is no text. */
    static @Nullable String escaped(Object value) {
      if (value instanceof Safe safe) {
        return safe.text();
      }
      return value instanceof String text
          ? text.replace("&", "&amp;")
              .replace("<", "&lt;")
              .replace(">", "&gt;")
              .replace("'", "&#39;")
              .replace("\"", "&#34;")
          : null;
    }
  }

  static Number shortest(BigInteger number) {
    if (number.bitLength() < Long.SIZE) {
      return number.longValue();
    }
    return number;
  }

  static boolean isTrue(Object value) {
    return switch (value) {
      case Boolean truth -> truth;
      case Long number -> number != 0;
      case Double number -> number != 0;
      case String text -> !text.isEmpty();
      case Safe safe -> !safe.text().isEmpty();
      case Collection<?> elements -> !elements.isEmpty();
      case Map<?, ?> members -> !members.isEmpty();
      case None none -> false;
      case Undefined undefined -> false;
      default -> true;
    };
  }

  static boolean isInteger(Object value) {
    return value instanceof Long || value instanceof BigInteger;
  }

  static boolean isNumber(Object value) {
    return isInteger(value) || value instanceof Double || value instanceof Boolean;
  }

  /** What it costs to make a value, or to go through it, in units of {@link Effort}. */
  static long weight(Object value) {
    return switch (value) {
      case String text -> text.length();
      case Safe safe -> safe.text().length();
      case Collection<?> elements -> elements.size();
      case Map<?, ?> members -> members.size();
      default -> 0;
    };
  }

  /**
   * Whether a value can be the key of a dict: none that changes in Python, and no tuples inside of
   * tuples.
   */
  static boolean isKey(Object value) {
    return value instanceof Tuple tuple
        ? tuple.stream().noneMatch(Values::hasElements)
        : !hasElements(value);
  }

  private static boolean hasElements(Object value) {
    return value instanceof Collection<?> || value instanceof Map<?, ?>;
  }

  static Object requireKey(Object value) {
    if (!isKey(value)) {
      throw new TemplateException(typeName(value) + " is no key of a dict");
    }
    return value;
  }

  /** Python's equality: numbers by value, a truth value as 0 or 1. */
  static boolean isEqual(Object left, Object right) {
    Effort.spend(1);
    if (left instanceof Safe safe) {
      return isEqual(safe.text(), right);
    }
    if (right instanceof Safe safe) {
      return isEqual(left, safe.text());
    }
    if (isNumber(left) && isNumber(right)) {
      return compareNumbers(left, right) == 0;
    }
    if (left instanceof List<?> one && right instanceof List<?> other) {
      if (one.size() != other.size() || (one instanceof Tuple) != (other instanceof Tuple)) {
        return false;
      }
      for (int i = 0; i < one.size(); i++) {
        if (!isEqual(one.get(i), other.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (left instanceof Map<?, ?> one && right instanceof Map<?, ?> other) {
      return one.size() == other.size()
          && one.entrySet().stream()
              .allMatch(
                  entry ->
                      other.containsKey(entry.getKey())
                          && isEqual(
                              entry.getValue(), Objects.requireNonNull(other.get(entry.getKey()))));
    }
    return left.equals(right);
  }

  /** Orders numbers or texts. */
  static int compare(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return compareNumbers(left, right);
    }
    if (left instanceof String one && right instanceof String other) {
      return compareTexts(one, other);
    }
    throw new TemplateException("cannot order " + typeName(left) + " and " + typeName(right));
  }

  private static int compareTexts(String one, String other) {
    Effort.spend((long) one.length() + other.length());
    int[] left = one.codePoints().toArray();
    int[] right = other.codePoints().toArray();
    return Arrays.compare(left, right);
  }

  private static int compareNumbers(Object left, Object right) {
    if (left instanceof Double || right instanceof Double) {
      double one = requireDouble(left);
      double other = requireDouble(right);
      return one < other ? -1 : one == other ? 0 : 1;
    }
    return big(left).compareTo(big(right));
  }

  private static BigInteger big(Object number) {
    return number instanceof BigInteger big ? big : BigInteger.valueOf(requireInteger(number));
  }

  static long requireInteger(Object value) {
    return switch (value) {
      case Long number -> number;
      case Boolean truth -> truth ? 1 : 0;
      default -> throw new TemplateException("expected an integer, found " + typeName(value));
    };
  }

  static double requireDouble(Object value) {
    return switch (value) {
      case Double number -> number;
      case BigInteger number -> number.doubleValue();
      default -> requireInteger(value);
    };
  }

  static String requireText(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw new TemplateException("expected a text, found " + typeName(value));
  }

  /** What Python's {@code str} makes of a text or of nothing, as most filters read their value. */
  static String softText(Object value) {
    return PythonWriter.text(value);
  }

  /** The elements to iterate over: of a text its characters, of a dict its keys. */
  @SuppressWarnings("unchecked") // all elements are values
  static List<Object> elements(Object value) {
    return switch (value) {
      case List<?> list -> (List<Object>) list;
      case Map<?, ?> map -> new ArrayList<>(map.keySet());
      case String text -> {
        Effort.spend((long) Effort.STEP * text.length());
        yield text.codePoints().<Object>mapToObj(Character::toString).toList();
      }
      case Undefined undefined -> List.of();
      default -> throw new TemplateException(typeName(value) + " cannot be iterated");
    };
  }

  static long length(Object value) {
    return switch (value) {
      case String text -> PythonText.length(text);
      case Collection<?> elements -> elements.size();
      case Map<?, ?> members -> members.size();
      case Undefined undefined -> 0;
      default -> throw new TemplateException(typeName(value) + " has no length");
    };
  }

  static boolean contains(Object container, Object value) {
    if (container instanceof String text) {
      String wanted = requireText(value);
      Effort.spendOnSearch(text, wanted);
      return text.contains(wanted);
    }
    if (container instanceof Map<?, ?> map) {
      return map.containsKey(requireKey(value));
    }
    for (Object element : elements(container)) {
      if (isEqual(element, value)) {
        return true;
      }
    }
    return false;
  }

  /** How a type is named in messages. */
  static String typeName(Object value) {
    return switch (value) {
      case Undefined undefined -> "an undefined value";
      case None none -> "None";
      case String text -> "a text";
      case Safe safe -> "a text that is marked as safe";
      case Boolean truth -> "a truth value";
      case Long number -> "an integer";
      case BigInteger number -> "a large integer";
      case Double number -> "a float";
      case List<?> list -> "a list";
      case Map<?, ?> map -> "a dict";
      default -> "a value without content";
    };
  }
}
