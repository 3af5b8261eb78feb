package ai.llmd.epp.yaml;

import ai.llmd.epp.yaml.Value.Mistyped;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fills a record from a mapping of the document: the record is the schema.
 *
 * <p>A component that the mapping omits, or sets to null, takes the value of the given defaults;
 * but for a record that is {@code @Nullable} and set to null, which is null then. In a record
 * without defaults (an item of a list) it is empty: "", 0, false, no items, or null when it is
 * {@code @Nullable}. Fields that the record does not have are refused. A compact constructor
 * refuses values by throwing {@link IllegalArgumentException}.
 *
 * <p>Supported: {@code String}, {@code boolean}, {@code int}, {@code long}, {@code double} and
 * their boxes, {@link OptionalDouble} (a number, or {@code auto}), {@link Duration} (Go syntax),
 * enums (by {@code toString()}), {@code List}, {@code Map<String, …>}, records; for schemas that
 * keep places also {@link LocatedText}, {@link Value}, {@link Amount}, and {@link SourceLocation},
 * which is no field but the record's own place.
 */
public final class RecordBinder {

  /** Stands where a number might, which is then found by the program itself. */
  static final String AUTO = "auto";

  private final boolean isCaseSensitive;
  private final Problems problems;
  private final Function<Throwable, Refusal> refusal;

  /**
   * Binds records of this program, whose constructors refuse by exceptions with a message.
   *
   * @param isCaseSensitive whether {@code Type} is another field than {@code type}
   */
  public RecordBinder(boolean isCaseSensitive, Problems problems) {
    this(isCaseSensitive, problems, RecordBinder::message);
  }

  /**
   * Binds records whose constructors may throw anything.
   *
   * @param isCaseSensitive whether {@code Type} is another field than {@code type}
   * @param refusal what to report of what a constructor has thrown
   */
  public RecordBinder(
      boolean isCaseSensitive, Problems problems, Function<Throwable, Refusal> refusal) {
    this.isCaseSensitive = isCaseSensitive;
    this.problems = problems;
    this.refusal = refusal;
  }

  private static Refusal message(Throwable thrown) {
    return new Refusal(
        "", Objects.requireNonNullElse(thrown.getMessage(), thrown.getClass().getSimpleName()));
  }

  /**
   * Why a record was refused.
   *
   * @param field the component to blame, with those below it joined by dots; empty for the record
   */
  public record Refusal(String field, String message) {

    /** The place to report, within what was to become the record. */
    public SourceLocation placeIn(Value value) {
      return field.isEmpty() ? value.spot() : value.spotOf(field);
    }
  }

  /**
   * The record, with defaults in the place of what could not be read; null when its constructor
   * refuses it. Every problem has been reported.
   */
  public <R extends Record> @Nullable R bind(Value value, Class<R> type, @Nullable R defaults) {
    return bind(value, type, defaults, Set.of());
  }

  /**
   * The same for a mapping of which the caller reads a part.
   *
   * @param others fields that are no components of the record and are not refused
   */
  public <R extends Record> @Nullable R bind(
      Value value, Class<R> type, @Nullable R defaults, Set<String> others) {
    Map<String, Value> fields = new LinkedHashMap<>();
    if (!value.isNothing()) {
      try {
        fields.putAll(value.fields());
      } catch (Mistyped e) {
        problems.add(value.spot(), e.getMessage());
      }
    }
    int before = problems.count();
    RecordComponent[] components = type.getRecordComponents();
    refuseUnknown(fields, components, others);
    @Nullable Object[] arguments = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      arguments[i] = argument(components[i], fields, value.spot(), defaults);
    }
    return construct(type, arguments, value, problems.count() > before);
  }

  private void refuseUnknown(
      Map<String, Value> fields, RecordComponent[] components, Set<String> others) {
    Set<String> known =
        Stream.of(components)
            .filter(component -> component.getType() != SourceLocation.class)
            .map(RecordComponent::getName)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    known.addAll(others);
    Set<String> matched = new LinkedHashSet<>();
    fields.forEach(
        (name, field) -> {
          String match =
              known.stream().filter(candidate -> isSame(candidate, name)).findFirst().orElse(null);
          if (match == null) {
            problems.add(
                field.nameSpot(),
                "unknown field \"" + name + "\"; " + NearestName.suggestion(name, known));
          } else if (!matched.add(match)) {
            problems.add(field.nameSpot(), "field \"" + match + "\" is given twice");
          }
        });
  }

  private boolean isSame(String component, String field) {
    return isCaseSensitive ? component.equals(field) : component.equalsIgnoreCase(field);
  }

  private @Nullable Object argument(
      RecordComponent component,
      Map<String, Value> fields,
      SourceLocation parent,
      @Nullable Record defaults) {
    if (component.getType() == SourceLocation.class) {
      return parent;
    }
    Value value =
        fields.entrySet().stream()
            .filter(field -> isSame(component.getName(), field.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElseGet(() -> Value.absent(parent.field(component.getName())));
    Object fallback =
        defaults == null ? emptyValue(component, value) : defaultOf(component, defaults);
    if (value.isNothing() && component.getType() != Value.class) {
      return value.isNull() && component.getType().isRecord() && isNullable(component)
          ? null
          : fallback;
    }
    try {
      return convert(value, component.getGenericType(), fallback);
    } catch (Mistyped e) {
      problems.add(value.spot(), e.getMessage());
      return fallback;
    }
  }

  private @Nullable Object convert(Value value, Type type, @Nullable Object fallback)
      throws Mistyped {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      if (generic.getRawType() == List.class) {
        return listOf(value, arguments[0]);
      } else if (generic.getRawType() == Map.class) {
        return mapOf(value, arguments[1]);
      }
      throw unsupported(type);
    }
    Class<?> plain = (Class<?>) type;
    if (plain == LocatedText.class) {
      return new LocatedText(value.text(), value.spot());
    } else if (plain == Value.class) {
      return value;
    } else if (plain == Amount.class) {
      return new Amount(value.quantity());
    } else if (plain.isRecord()) {
      return nested(value, plain.asSubclass(Record.class), (Record) fallback);
    } else if (plain.isEnum()) {
      return constant(value, plain);
    }
    return scalar(value, plain);
  }

  private static Object scalar(Value value, Class<?> type) throws Mistyped {
    if (type == String.class) {
      return value.text();
    } else if (type == Duration.class) {
      return value.duration();
    } else if (type == boolean.class || type == Boolean.class) {
      return value.bool();
    } else if (type == int.class || type == Integer.class) {
      // the reference's are wider; a number beyond ours means as many as there can be
      long wide = value.integer(Long.MIN_VALUE, Long.MAX_VALUE);
      return Math.clamp(wide, Integer.MIN_VALUE, Integer.MAX_VALUE);
    } else if (type == long.class || type == Long.class) {
      return value.integer(Long.MIN_VALUE, Long.MAX_VALUE);
    } else if (type == double.class || type == Double.class) {
      return value.number();
    } else if (type == OptionalDouble.class) {
      return value.isWord(AUTO) ? OptionalDouble.empty() : OptionalDouble.of(value.number());
    }
    throw unsupported(type);
  }

  private static IllegalStateException unsupported(Type type) {
    return new IllegalStateException("parameters of " + type + " are not supported");
  }

  @SuppressWarnings("unchecked") // the defaults of a component have its type
  private <R extends Record> @Nullable R nested(
      Value value, Class<R> type, @Nullable Record fallback) {
    R bound = bind(value, type, (R) fallback);
    return bound != null ? bound : (R) fallback;
  }

  private static Object constant(Value value, Class<?> type) throws Mistyped {
    String text = value.text();
    List<String> choices = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      if (constant.toString().equals(text)) {
        return constant;
      }
      choices.add(constant.toString());
    }
    throw new Mistyped("must be one of " + String.join(", ", choices) + ", was \"" + text + '"');
  }

  private List<Object> listOf(Value value, Type itemType) throws Mistyped {
    List<Object> items = new ArrayList<>();
    for (Value item : value.items()) {
      Object converted = itemOf(item, itemType);
      if (converted != null) {
        items.add(converted);
      }
    }
    return List.copyOf(items);
  }

  private Map<String, Object> mapOf(Value value, Type valueType) throws Mistyped {
    Map<String, Object> map = new LinkedHashMap<>();
    value
        .fields()
        .forEach(
            (key, field) -> {
              Object converted = itemOf(field, valueType);
              if (converted != null) {
                map.put(key, converted);
              }
            });
    return map;
  }

  /** An item of a list or map; null when it could not be read, which has been reported. */
  private @Nullable Object itemOf(Value item, Type type) {
    try {
      if (type == String.class && item.isNothing()) {
        return "";
      }
      return convert(item, type, null);
    } catch (Mistyped e) {
      problems.add(item.spot(), e.getMessage());
      return null;
    }
  }

  private static @Nullable Object defaultOf(RecordComponent component, Record defaults) {
    try {
      var accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(defaults);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(component + " cannot be read", e);
    }
  }

  private static boolean isNullable(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }

  private @Nullable Object emptyValue(RecordComponent component, Value value) {
    Class<?> type = component.getType();
    if (isNullable(component)) {
      return null;
    } else if (type == LocatedText.class) {
      return new LocatedText("", value.spot());
    } else if (type == String.class) {
      return "";
    } else if (type == List.class) {
      return List.of();
    } else if (type == Map.class) {
      return Map.of();
    } else if (type == Duration.class) {
      return Duration.ZERO;
    } else if (type == boolean.class) {
      return false;
    } else if (type == int.class) {
      return 0;
    } else if (type == long.class) {
      return 0L;
    } else if (type == double.class) {
      return 0.0;
    } else if (type == OptionalDouble.class) {
      return OptionalDouble.empty();
    } else if (type.isRecord()) {
      return bind(Value.absent(value.spot()), type.asSubclass(Record.class), null);
    }
    return null;
  }

  private <R extends Record> @Nullable R construct(
      Class<R> type, @Nullable Object[] arguments, Value value, boolean isAlreadyWrong) {
    Class<?>[] types =
        Stream.of(type.getRecordComponents())
            .map(RecordComponent::getType)
            .toArray(Class<?>[]::new);
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(arguments);
    } catch (InvocationTargetException e) {
      if (!isAlreadyWrong) {
        Refusal refused = refusal.apply(e.getTargetException());
        problems.add(refused.placeIn(value), refused.message());
      }
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " cannot be built", e);
    }
  }
}
