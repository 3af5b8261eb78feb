package ai.llmd.epp.adapter.tokenizers.jinja;

import java.util.List;
import java.util.Map;

/** What a function, filter or test is called with. */
record Arguments(List<Object> positional, Map<String, Object> named) {

  static final Arguments NONE = new Arguments(List.of(), Map.of());

  static Arguments of(Object only) {
    return new Arguments(List.of(only), Map.of());
  }

  int count() {
    return positional.size() + named.size();
  }

  boolean has(int index, String name) {
    return index < positional.size() || named.containsKey(name);
  }

  /** One of them, by its place or its name. */
  Object get(int index, String name, Object fallback) {
    if (index < positional.size()) {
      return positional.get(index);
    }
    return named.getOrDefault(name, fallback);
  }

  /** One that must be there. */
  Object get(int index, String name) {
    if (!has(index, name)) {
      throw new TemplateException("misses the argument " + name);
    }
    return get(index, name, None.NONE);
  }

  String text(int index, String name, String fallback) {
    return has(index, name) ? Values.requireText(get(index, name)) : fallback;
  }

  long integer(int index, String name, long fallback) {
    return has(index, name) ? Values.requireInteger(get(index, name)) : fallback;
  }

  boolean isTrue(int index, String name) {
    return has(index, name) && Values.isTrue(get(index, name));
  }

  /** Refuses more than can be used. */
  Arguments atMost(int max) {
    if (count() > max) {
      throw new TemplateException("takes " + max + " arguments, not " + count());
    }
    return this;
  }

  /** All but the first ones. */
  Arguments from(int first) {
    return new Arguments(
        positional.subList(Math.min(first, positional.size()), positional.size()), named);
  }
}
