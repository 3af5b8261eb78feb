package ai.llmd.epp.acceptance.docs;

import static ai.llmd.epp.acceptance.docs.Markdown.code;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A row for each component of a parameter record; nested records with their path, items as {@code
 * []}.
 */
final class ParameterRows {

  private final SourceDocs sources;
  private final Markdown page;

  ParameterRows(SourceDocs sources, Markdown page) {
    this.sources = sources;
    this.page = page;
  }

  /**
   * Adds the components of a record with its values as defaults.
   *
   * @param path of the record with a dot behind it; empty for the parameters themselves
   */
  void add(String path, Record defaults) {
    add(path, defaults.getClass(), defaults);
  }

  private void add(String path, Class<?> record, @Nullable Object defaults) {
    Map<String, String> docs = sources.components(record);
    for (RecordComponent component : record.getRecordComponents()) {
      Object value = defaults == null ? null : valueOf(component, defaults);
      String name = path + configured(component);
      Type type = component.getGenericType();
      String described = name.endsWith(component.getName()) ? docs.get(component.getName()) : null;
      page.row(
          code(name), nameOf(type), code(text(value)), described == null ? about(type) : described);
      Class<?> nested = recordIn(type);
      if (nested != null) {
        add(name + (type == nested ? "." : "[]."), nested, type == nested ? value : null);
      }
    }
  }

  /**
   * Components called by a word of Java begin with a capital letter, which configuration ignores.
   */
  private static String configured(RecordComponent component) {
    String name = component.getName();
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  private static Object valueOf(RecordComponent component, Object record) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The description of a component's own type, when the component has none. */
  private String about(Type type) {
    return type instanceof Class<?> plain && (plain.isRecord() || plain.isEnum())
        ? sources.summary(plain)
        : "";
  }

  /** The record that a component or the items of its list have; null for others. */
  private static @Nullable Class<?> recordIn(Type type) {
    Type inner = type instanceof ParameterizedType generic ? lastOf(generic) : type;
    return inner instanceof Class<?> plain && plain.isRecord() ? plain : null;
  }

  private static String nameOf(Type type) {
    if (type instanceof ParameterizedType generic) {
      String container = generic.getRawType() == Map.class ? "map of " : "list of ";
      return container + nameOf(lastOf(generic));
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isEnum()) {
      return Arrays.stream(plain.getEnumConstants())
          .map(Object::toString)
          .collect(Collectors.joining(", "));
    }
    return switch (plain.getSimpleName()) {
      case "String" -> "text";
      case "Boolean", "boolean" -> "boolean";
      case "Integer", "int", "Long", "long" -> "whole number";
      case "Double", "double" -> "number";
      case "OptionalDouble" -> "number or `auto`";
      case "Duration" -> "duration";
      default -> "object";
    };
  }

  private static Type lastOf(ParameterizedType generic) {
    Type[] arguments = generic.getActualTypeArguments();
    return arguments[arguments.length - 1];
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case null -> "";
      case Record nested -> "";
      case Collection<?> items -> items.isEmpty() ? "[]" : items.toString();
      case Map<?, ?> map -> map.isEmpty() ? "{}" : map.toString();
      case String empty when empty.isEmpty() -> "\"\"";
      case OptionalDouble number when number.isPresent() -> Double.toString(number.getAsDouble());
      case OptionalDouble _ -> "auto";
      case Long most when most == Long.MAX_VALUE -> "";
      case Duration duration -> duration.isZero() ? "0s" : duration.toMillis() + "ms";
      default -> value.toString();
    };
  }
}
