package ai.llmd.epp.yaml;

import ai.llmd.epp.commandline.GoDuration;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Turns a record back into the mapping that {@link RecordBinder} would make it of: maps, lists,
 * texts, numbers, booleans and null.
 */
public final class RecordTree {

  private RecordTree() {}

  /**
   * Every component under its name, in order. A number that is not finite is left out: no document
   * can contain it, so it is the default.
   */
  public static Map<String, @Nullable Object> of(Record parameters) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    for (RecordComponent component : parameters.getClass().getRecordComponents()) {
      Object value = valueOf(component, parameters);
      if (!(value instanceof Double number) || Double.isFinite(number)) {
        fields.put(component.getName(), plain(value));
      }
    }
    return fields;
  }

  private static @Nullable Object plain(@Nullable Object value) {
    return switch (value) {
      case null -> null;
      case Record nested -> of(nested);
      case List<?> items -> items.stream().map(RecordTree::plain).toList();
      case Map<?, ?> map -> mapOf(map);
      case Duration duration -> GoDuration.format(duration);
      case OptionalDouble number when number.isPresent() -> number.getAsDouble();
      case OptionalDouble _ -> RecordBinder.AUTO;
      case Enum<?> constant -> constant.toString();
      default -> value;
    };
  }

  private static Map<String, @Nullable Object> mapOf(Map<?, ?> map) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    map.forEach((key, value) -> fields.put(String.valueOf(key), plain(value)));
    return fields;
  }

  private static @Nullable Object valueOf(RecordComponent component, Record parameters) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(parameters);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }
}
