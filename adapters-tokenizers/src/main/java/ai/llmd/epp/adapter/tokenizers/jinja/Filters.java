package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Values.Tuple;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filters that templates can use. */
final class Filters {

  /** Marks a text that needs no escaping. */
  private static final String SAFE = "safe";

  private static final Pattern INTEGER = Pattern.compile("[+-]?\\d{1,18}");
  private static final Pattern PLACE = Pattern.compile("[0-9]{1,18}");
  private static final Pattern DECIMAL =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern WORD = Pattern.compile("[^-\\s({\\[<]+");
  private static final Set<String> NAMES =
      Set.of(
          "abs",
          "capitalize",
          "count",
          "d",
          "default",
          "dictsort",
          "first",
          "float",
          "indent",
          "int",
          "items",
          "join",
          "last",
          "length",
          "list",
          "lower",
          "map",
          "max",
          "min",
          "reject",
          "rejectattr",
          "replace",
          "reverse",
          "round",
          "safe",
          "select",
          "selectattr",
          "sort",
          "string",
          "sum",
          "title",
          "tojson",
          "trim",
          "unique",
          "upper");

  private Filters() {}

  static boolean isKnown(String name) {
    return NAMES.contains(name);
  }

  /** What a filter makes of a value. */
  static Object apply(String name, Object value, Arguments with) {
    if (value instanceof Values.Safe && !name.equals(SAFE) && !name.equals("string")) {
      throw new TemplateException("a text that is marked as safe is changed by a filter");
    }
    Effort.spend(Values.weight(value));
    return switch (name) {
      case "tojson" -> JsonWriter.json(value, with);
      case "trim" ->
          PythonText.strip(
              Values.softText(value),
              with.has(0, "chars") ? Values.requireText(with.get(0, "chars")) : null,
              true,
              true);
      case "length", "count" -> Values.length(value);
      case "default", "d" -> {
        boolean isMissing =
            value instanceof Undefined || (with.isTrue(1, "boolean") && !Values.isTrue(value));
        yield isMissing ? with.get(0, "default_value", "") : value;
      }
      case "string" -> value instanceof Values.Safe ? value : Values.softText(value);
      case "upper" -> PythonText.upper(Values.softText(value));
      case "lower" -> PythonText.lower(Values.softText(value));
      case "capitalize" -> PythonText.capitalized(Values.softText(value));
      case "title" -> titled(Values.softText(value));
      case "replace" ->
          PythonText.replace(
              Values.softText(value),
              Values.softText(with.get(0, "old")),
              Values.softText(with.get(1, "new")),
              with.integer(2, "count", -1));
      case "indent" -> indent(Values.softText(value), with);
      case "int" -> integer(value, with.get(0, "default", 0L), with.integer(1, "base", 10));
      case "float" -> decimal(value, with.get(0, "default", 0.0));
      case "abs" -> absolute(value);
      case "round" -> rounded(value, with);
      case SAFE -> new Values.Safe(Values.softText(value));
      default -> ofElements(name, value, with);
    };
  }

  private static Object ofElements(String name, Object value, Arguments with) {
    return switch (name) {
      case "list" -> List.copyOf(Values.elements(value));
      case "first" -> {
        List<Object> elements = Values.elements(value);
        yield elements.isEmpty() ? Undefined.UNDEFINED : elements.getFirst();
      }
      case "last" -> {
        List<Object> elements = Values.elements(value);
        yield elements.isEmpty() ? Undefined.UNDEFINED : elements.getLast();
      }
      case "join" -> join(value, with);
      case "reverse" ->
          value instanceof String text
              ? new StringBuilder(text).reverse().toString()
              : Values.elements(value).reversed();
      case "map" -> map(value, with);
      case "select", "reject" -> {
        boolean isWanted = name.equals("select");
        yield Values.elements(value).stream()
            .filter(element -> passes(element, with, 0) == isWanted)
            .toList();
      }
      case "selectattr", "rejectattr" -> {
        boolean isWanted = name.equals("selectattr");
        Object path = with.get(0, "attribute");
        yield Values.elements(value).stream()
            .filter(element -> passes(attribute(element, path), with, 1) == isWanted)
            .toList();
      }
      case "items" -> items(value);
      case "dictsort" -> dictSorted(value, with);
      case "sort" -> sorted(value, with);
      case "unique" -> unique(value, with);
      case "sum" -> sum(value, with);
      case "min", "max" -> extreme(value, with, name.equals("max"));
      default -> throw new TemplateException("the filter " + name + " is not known");
    };
  }

  private static boolean passes(Object element, Arguments with, int test) {
    if (test >= with.positional().size()) {
      return Values.isTrue(element);
    }
    String name = Values.requireText(with.positional().get(test));
    return Tests.passes(name, element, with.from(test + 1));
  }

  private static Object attribute(Object element, Object path) {
    return attribute(element, path, Undefined.UNDEFINED);
  }

  /** A member by its path, {@code a.b}, or by its place; what is missing on the way is replaced. */
  private static Object attribute(Object element, Object path, Object missing) {
    if (!(path instanceof String names)) {
      Object value = Accesses.item(element, path);
      return value instanceof Undefined ? missing : value;
    }
    Object value = element;
    for (Object name : PythonText.split(names, ".", -1)) {
      String text = Values.requireText(name);
      value = Accesses.item(value, PLACE.matcher(text).matches() ? Long.valueOf(text) : text);
      value = value instanceof Undefined ? missing : value;
    }
    return value;
  }

  /** Words begin behind white space, hyphens and opening brackets. */
  private static String titled(String text) {
    Matcher word = WORD.matcher(text);
    return word.replaceAll(
        found -> Matcher.quoteReplacement(PythonText.capitalized(found.group())));
  }

  private static Object map(Object value, Arguments with) {
    List<Object> mapped = new ArrayList<>();
    Object path = with.named().get("attribute");
    Object missing = with.named().getOrDefault("default", Undefined.UNDEFINED);
    for (Object element : Values.elements(value)) {
      if (path == null) {
        String filter = Values.requireText(with.get(0, "filter"));
        if (!isKnown(filter)) {
          throw new TemplateException("the filter " + filter + " is not known");
        }
        mapped.add(apply(filter, element, with.from(1)));
      } else {
        mapped.add(attribute(element, path, missing));
      }
    }
    return mapped;
  }

  private static Object join(Object value, Arguments with) {
    Object path = with.get(1, "attribute", None.NONE);
    String separator = Values.softText(with.get(0, "d", ""));
    StringBuilder out = new StringBuilder();
    boolean isFirst = true;
    for (Object element : Values.elements(value)) {
      String text = Values.softText(path instanceof None ? element : attribute(element, path));
      Effort.spend((long) separator.length() + text.length());
      out.append(isFirst ? "" : separator).append(text);
      isFirst = false;
    }
    return out.toString();
  }

  static List<Object> items(Object value) {
    if (value instanceof Undefined) {
      return List.of();
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw new TemplateException(Values.typeName(value) + " has no items");
    }
    return map.entrySet().stream()
        .<Object>map(entry -> new Tuple(List.of(entry.getKey(), entry.getValue())))
        .toList();
  }

  private static Object dictSorted(Object value, Arguments with) {
    boolean isCaseSensitive = with.isTrue(0, "case_sensitive");
    int place = with.text(1, "by", "key").equals("value") ? 1 : 0;
    Comparator<Object> order =
        (one, other) ->
            Values.compare(
                folded(((Tuple) one).get(place), isCaseSensitive),
                folded(((Tuple) other).get(place), isCaseSensitive));
    return sorted(items(value), with.isTrue(2, "reverse") ? order.reversed() : order);
  }

  private static Object sorted(Object value, Arguments with) {
    boolean isCaseSensitive = with.isTrue(1, "case_sensitive");
    Object path = with.get(2, "attribute", None.NONE);
    Comparator<Object> order =
        (one, other) ->
            Values.compare(
                folded(path instanceof None ? one : attribute(one, path), isCaseSensitive),
                folded(path instanceof None ? other : attribute(other, path), isCaseSensitive));
    return sorted(Values.elements(value), with.isTrue(0, "reverse") ? order.reversed() : order);
  }

  private static List<Object> sorted(List<Object> elements, Comparator<Object> order) {
    try {
      return elements.stream().sorted(order).toList();
    } catch (IllegalArgumentException e) { // a NaN has no place
      throw new TemplateException("the elements of a list have no order");
    }
  }

  private static Object folded(Object value, boolean isCaseSensitive) {
    return value instanceof String text && !isCaseSensitive ? PythonText.lower(text) : value;
  }

  private static Object unique(Object value, Arguments with) {
    boolean isCaseSensitive = with.isTrue(0, "case_sensitive");
    Object path = with.get(1, "attribute", None.NONE);
    Map<Object, Object> first = new LinkedHashMap<>();
    for (Object element : Values.elements(value)) {
      Object key =
          folded(path instanceof None ? element : attribute(element, path), isCaseSensitive);
      first.putIfAbsent(Values.requireKey(key), element);
    }
    return List.copyOf(first.values());
  }

  private static Object sum(Object value, Arguments with) {
    Object path = with.get(0, "attribute", None.NONE);
    Object sum = with.get(1, "start", 0L);
    for (Object element : Values.elements(value)) {
      sum = Numbers.calculate("+", sum, path instanceof None ? element : attribute(element, path));
    }
    return sum;
  }

  private static Object extreme(Object value, Arguments with, boolean isMax) {
    boolean isCaseSensitive = with.isTrue(0, "case_sensitive");
    Object best = Undefined.UNDEFINED;
    for (Object element : Values.elements(value)) {
      if (best instanceof Undefined) {
        best = element;
        continue;
      }
      int order = Values.compare(folded(element, isCaseSensitive), folded(best, isCaseSensitive));
      best = (isMax ? order > 0 : order < 0) ? element : best;
    }
    return best;
  }

  private static String indent(String text, Arguments with) {
    Object width = with.get(0, "width", 4L);
    String indent =
        width instanceof String given
            ? given
            : " ".repeat((int) Math.clamp(Values.requireInteger(width), 0, 1000));
    boolean isBlankIndented = with.isTrue(2, "blank");
    StringBuilder out = new StringBuilder();
    boolean isFirst = true;
    for (Object line : PythonText.lines(text + "\n")) {
      String content = Values.requireText(line);
      Effort.spend((long) indent.length() + content.length());
      boolean isIndented =
          isFirst ? with.isTrue(1, "first") : isBlankIndented || !content.isEmpty();
      out.append(isFirst ? "" : "\n").append(isIndented ? indent : "").append(content);
      isFirst = false;
    }
    return out.toString();
  }

  private static Object integer(Object value, Object fallback, long base) {
    if (Values.isInteger(value)) {
      return value;
    }
    if (value instanceof String text && base == 10) {
      String plain = PythonText.strip(text, null, true, true);
      if (INTEGER.matcher(plain).matches()) {
        return Long.valueOf(plain);
      }
      return isDecimal(plain) ? Long.valueOf((long) Double.parseDouble(plain)) : fallback;
    }
    if (value instanceof Double number) {
      return number.isNaN() || number.isInfinite() ? fallback : Long.valueOf(number.longValue());
    }
    if (value instanceof Boolean truth) {
      return truth ? 1L : 0L;
    }
    if (value instanceof Undefined || base != 10) {
      throw new TemplateException("the filter int cannot read " + Values.typeName(value));
    }
    return fallback;
  }

  private static Object decimal(Object value, Object fallback) {
    if (Values.isNumber(value)) {
      return Values.requireDouble(value);
    }
    if (value instanceof String text) {
      String plain = PythonText.strip(text, null, true, true);
      return isDecimal(plain) ? Double.valueOf(plain) : fallback;
    }
    if (value instanceof Undefined) {
      throw new TemplateException("the filter float cannot read an undefined value");
    }
    return fallback;
  }

  private static boolean isDecimal(String text) {
    return text.length() <= Lexer.MAX_DIGITS && DECIMAL.matcher(text).matches();
  }

  private static Object absolute(Object value) {
    if (value instanceof Double number) {
      return Math.abs(number);
    }
    return Values.requireInteger(value) < 0 ? Numbers.calculate("*", -1L, value) : value;
  }

  private static Object rounded(Object value, Arguments with) {
    int precision = (int) Math.clamp(with.integer(0, "precision", 0), -300, 300);
    RoundingMode mode =
        switch (with.text(1, "method", "common")) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw new TemplateException("the filter round does not know this method");
        };
    if (Values.isInteger(value) && mode == RoundingMode.HALF_EVEN && precision >= 0) {
      return value;
    }
    double number = Values.requireDouble(value);
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      throw new TemplateException("the filter round cannot round " + PythonWriter.number(number));
    }
    return Objects.requireNonNull(new BigDecimal(number).setScale(precision, mode)).doubleValue();
  }
}
