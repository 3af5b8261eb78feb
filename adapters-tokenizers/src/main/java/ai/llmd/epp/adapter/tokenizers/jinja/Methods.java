package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The methods of texts, dicts and lists. Those that change a value are refused, as model servers
 * do.
 */
final class Methods {

  private static final Set<String> OF_TEXTS =
      Set.of(
          "capitalize",
          "count",
          "endswith",
          "find",
          "format",
          "index",
          "isalnum",
          "isalpha",
          "isdigit",
          "islower",
          "isspace",
          "isupper",
          "join",
          "lower",
          "lstrip",
          "partition",
          "removeprefix",
          "removesuffix",
          "replace",
          "rfind",
          "rpartition",
          "rsplit",
          "rstrip",
          "split",
          "splitlines",
          "startswith",
          "strip",
          "title",
          "upper",
          "zfill");
  private static final Set<String> OF_DICTS =
      Set.of(
          "clear",
          "copy",
          "get",
          "items",
          "keys",
          "pop",
          "popitem",
          "setdefault",
          "update",
          "values");
  private static final Set<String> OF_LISTS =
      Set.of(
          "append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove",
          "reverse", "sort");

  private Methods() {}

  /** Whether values of a type have it. */
  static boolean has(Object value, String name) {
    return switch (value) {
      case String text -> OF_TEXTS.contains(name);
      case Map<?, ?> map -> OF_DICTS.contains(name);
      case List<?> list -> OF_LISTS.contains(name);
      default -> false;
    };
  }

  /** Whether values of any type have it. */
  static boolean isKnown(String name) {
    return OF_TEXTS.contains(name) || OF_DICTS.contains(name) || OF_LISTS.contains(name);
  }

  static Object call(Object value, String name, Arguments with) {
    Effort.spend(Values.weight(value));
    return switch (value) {
      case String text -> ofText(text, name, with);
      case Map<?, ?> map -> ofDict(map, name, with);
      case List<?> list -> ofList(list, name, with);
      default -> throw new TemplateException(Values.typeName(value) + " has no " + name);
    };
  }

  private static Object ofDict(Map<?, ?> map, String name, Arguments with) {
    return switch (name) {
      case "get" -> {
        Object found = map.get(Values.requireKey(with.atMost(2).get(0, "key")));
        yield found == null ? with.get(1, "default", None.NONE) : found;
      }
      case "items" -> Filters.items(map);
      case "keys" -> List.<Object>copyOf(map.keySet());
      case "values" -> List.<Object>copyOf(map.values());
      case "copy" -> map;
      default -> throw new TemplateException(name + " changes a dict, which no template may");
    };
  }

  private static Object ofList(List<?> list, String name, Arguments with) {
    return switch (name) {
      case "copy" -> list;
      case "count" -> {
        Object wanted = with.get(0, "value");
        yield list.stream().filter(element -> Values.isEqual(element, wanted)).count();
      }
      case "index" -> {
        Object wanted = with.atMost(1).get(0, "value");
        for (int i = 0; i < list.size(); i++) {
          if (Values.isEqual(list.get(i), wanted)) {
            yield (long) i;
          }
        }
        throw new TemplateException("a list does not have what is looked for");
      }
      default -> throw new TemplateException(name + " changes a list, which no template may");
    };
  }

  private static Object ofText(String text, String name, Arguments with) {
    return switch (name) {
      case "strip" -> PythonText.strip(text, set(with), true, true);
      case "lstrip" -> PythonText.strip(text, set(with), true, false);
      case "rstrip" -> PythonText.strip(text, set(with), false, true);
      case "upper" -> PythonText.upper(text);
      case "lower" -> PythonText.lower(text);
      case "capitalize" -> PythonText.capitalized(text);
      case "title" -> PythonText.titled(text);
      case "replace" ->
          PythonText.replace(
              text,
              Values.requireText(with.get(0, "old")),
              Values.requireText(with.get(1, "new")),
              with.integer(2, "count", -1));
      case "split", "rsplit" -> split(text, name.equals("rsplit"), with);
      case "splitlines" -> {
        with.atMost(0);
        yield PythonText.lines(text);
      }
      case "join" -> join(text, with.get(0, "iterable"));
      case "startswith" -> begins(text, with.atMost(1), true);
      case "endswith" -> begins(text, with.atMost(1), false);
      case "removeprefix" -> {
        String prefix = Values.requireText(with.get(0, "prefix"));
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = Values.requireText(with.get(0, "suffix"));
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "zfill" -> filled(text, with.integer(0, "width", 0));
      case "format" -> PythonText.format(text, with);
      default -> search(text, name, with);
    };
  }

  private static Object search(String text, String name, Arguments with) {
    return switch (name) {
      case "find" -> place(text, text.indexOf(wanted(text, with, "sub")));
      case "rfind" -> place(text, text.lastIndexOf(wanted(text, with, "sub")));
      case "index" -> {
        int at = text.indexOf(wanted(text, with, "sub"));
        if (at < 0) {
          throw new TemplateException("a text does not have what is looked for");
        }
        yield place(text, at);
      }
      case "count" -> {
        String wanted = Values.requireText(with.atMost(1).get(0, "sub"));
        yield wanted.isEmpty()
            ? PythonText.length(text) + 1L
            : PythonText.split(text, wanted, -1).size() - 1L;
      }
      case "partition", "rpartition" -> partition(text, name.equals("rpartition"), with);
      case "isdigit" -> all(text, Kind.DIGIT);
      case "isalpha" -> all(text, Kind.LETTER);
      case "isalnum" -> all(text, Kind.LETTER_OR_DIGIT);
      case "isspace" -> all(text, Kind.SPACE);
      case "isupper" -> Tests.isCase(text, true);
      case "islower" -> Tests.isCase(text, false);
      default -> throw new TemplateException("a text has no " + name);
    };
  }

  private enum Kind {
    DIGIT,
    LETTER,
    LETTER_OR_DIGIT,
    SPACE
  }

  private static boolean all(String text, Kind kind) {
    return !text.isEmpty()
        && text.codePoints()
            .allMatch(
                c ->
                    switch (kind) {
                      case DIGIT -> Character.isDigit(c);
                      case LETTER -> Character.isLetter(c);
                      case LETTER_OR_DIGIT -> Character.isLetterOrDigit(c);
                      case SPACE -> PythonText.isSpace(c);
                    });
  }

  private static @Nullable String set(Arguments with) {
    Object set = with.atMost(1).get(0, "chars", None.NONE);
    return set instanceof None ? null : Values.requireText(set);
  }

  private static long place(String text, int at) {
    return at < 0 ? -1 : text.codePointCount(0, at);
  }

  private static Object split(String text, boolean isFromRight, Arguments with) {
    Object separator = with.atMost(2).get(0, "sep", None.NONE);
    long max = with.integer(1, "maxsplit", -1);
    if (separator instanceof None) {
      if (isFromRight && max >= 0) {
        throw new TemplateException("rsplit at white space with a bound is not supported");
      }
      return PythonText.words(text, max);
    }
    String at = Values.requireText(separator);
    return isFromRight ? PythonText.splitRight(text, at, max) : PythonText.split(text, at, max);
  }

  private static Object join(String separator, Object elements) {
    List<String> texts = new ArrayList<>();
    for (Object element : Values.elements(elements)) {
      String text = Values.requireText(element);
      Effort.spend((long) separator.length() + text.length());
      texts.add(text);
    }
    return String.join(separator, texts);
  }

  /** The only argument, which is searched for. */
  private static String wanted(String text, Arguments with, String name) {
    String wanted = Values.requireText(with.atMost(1).get(0, name));
    Effort.spendOnSearch(text, wanted);
    return wanted;
  }

  private static boolean begins(String text, Arguments with, boolean atStart) {
    Object wanted = with.get(0, "prefix");
    List<Object> any = wanted instanceof Tuple tuple ? tuple : List.of(wanted);
    for (Object one : any) {
      String affix = Values.requireText(one);
      if (atStart ? text.startsWith(affix) : text.endsWith(affix)) {
        return true;
      }
    }
    return false;
  }

  private static Object partition(String text, boolean isFromRight, Arguments with) {
    String separator = wanted(text, with, "sep");
    int at = isFromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (separator.isEmpty()) {
      throw new TemplateException("a text is split at nothing");
    }
    if (at < 0) {
      return new Tuple(isFromRight ? List.of("", "", text) : List.of(text, "", ""));
    }
    return new Tuple(
        List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
  }

  private static String filled(String text, long width) {
    int missing = (int) Math.clamp(width - PythonText.length(text), 0, 10_000);
    boolean isSigned = text.startsWith("-") || text.startsWith("+");
    int sign = isSigned ? 1 : 0;
    return text.substring(0, sign) + "0".repeat(missing) + text.substring(sign);
  }
}
