package ai.llmd.epp.adapter.tokenizers.jinja;

import ai.llmd.epp.adapter.tokenizers.jinja.Values.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What stands behind a dot or in brackets. */
final class Accesses {

  private Accesses() {}

  /** What has members but is no dict. */
  interface Members {

    /** A member, or {@link Undefined}. */
    Object member(String name);
  }

  /** {@code object.name}: what the object has by nature comes before what it contains. */
  static Object attribute(Object object, String name) {
    if (object instanceof Undefined) {
      throw new TemplateException("the member " + name + " of an undefined value is asked for");
    }
    if (object instanceof Members members) {
      return members.member(name);
    }
    if (Methods.has(object, name)) {
      return (Function) arguments -> Methods.call(object, name, arguments);
    }
    return object instanceof Map<?, ?> map ? member(map, name) : Undefined.UNDEFINED;
  }

  /** {@code object[key]}: the other way round. */
  static Object item(Object object, Object key) {
    return switch (object) {
      case Undefined undefined ->
          throw new TemplateException("a member of an undefined value is asked for");
      case Map<?, ?> map -> {
        Object found = Values.isKey(key) ? member(map, key) : Undefined.UNDEFINED;
        yield found instanceof Undefined && key instanceof String name && Methods.has(object, name)
            ? attribute(object, name)
            : found;
      }
      case List<?> list when Values.isInteger(key) -> element(list, Values.requireInteger(key));
      case String text when Values.isInteger(key) -> {
        Effort.spend(text.length() / 16);
        long index = Values.requireInteger(key);
        int length = PythonText.length(text);
        long from = index < 0 ? index + length : index;
        yield from < 0 || from >= length
            ? Undefined.UNDEFINED
            : Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) from)));
      }
      default -> key instanceof String name ? attribute(object, name) : Undefined.UNDEFINED;
    };
  }

  private static Object member(Map<?, ?> map, Object key) {
    Object found = map.get(key);
    return found == null ? Undefined.UNDEFINED : found;
  }

  private static Object element(List<?> list, long index) {
    long from = index < 0 ? index + list.size() : index;
    return from < 0 || from >= list.size() ? Undefined.UNDEFINED : list.get((int) from);
  }

  /** {@code object[start:stop:step]}, with None for what is left out. */
  static Object slice(Object object, Object start, Object stop, Object step) {
    long by = step instanceof None ? 1 : Values.requireInteger(step);
    if (by == 0) {
      throw new TemplateException("a slice has steps of 0");
    }
    boolean isText = object instanceof String;
    if (!isText && !(object instanceof List<?>)) {
      throw new TemplateException(Values.typeName(object) + " cannot be sliced");
    }
    int length = (int) Values.length(object);
    by = Math.clamp(by, -length - 1L, length + 1L); // no place is farther away
    long from = bound(start, length, by > 0 ? 0 : length - 1, by);
    long to = bound(stop, length, by > 0 ? length : -1, by);
    if (object instanceof String text && by == 1) {
      if (from >= to) {
        return "";
      }
      int first = text.offsetByCodePoints(0, (int) from);
      return text.substring(first, text.offsetByCodePoints(first, (int) (to - from)));
    }
    List<Object> elements = Values.elements(object);
    List<Object> sliced = new ArrayList<>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      sliced.add(elements.get((int) i));
    }
    if (isText) {
      StringBuilder out = new StringBuilder();
      sliced.forEach(out::append);
      return out.toString();
    }
    return object instanceof Tuple ? new Tuple(sliced) : sliced;
  }

  private static long bound(Object given, int length, long fallback, long by) {
    if (given instanceof None) {
      return fallback;
    }
    long bound = Values.requireInteger(given);
    if (bound < 0) {
      bound += length;
    }
    return by > 0 ? Math.clamp(bound, 0, length) : Math.clamp(bound, -1, length - 1);
  }
}
