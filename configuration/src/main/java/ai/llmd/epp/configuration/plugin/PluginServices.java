package ai.llmd.epp.configuration.plugin;

import java.util.HashMap;
import java.util.Map;

/** The parts of the program that plugins may use while they are built. Immutable. */
public final class PluginServices {

  private final Map<Class<?>, Object> parts;

  private PluginServices(Map<Class<?>, Object> parts) {
    this.parts = parts;
  }

  /**
   * These parts and no others.
   *
   * @param parts by the type under which plugins look them up
   * @throws IllegalArgumentException when a part is not of its type
   */
  public static PluginServices of(Map<Class<?>, Object> parts) {
    parts.forEach(
        (type, part) -> {
          if (!type.isInstance(part)) {
            throw new IllegalArgumentException(part.getClass() + " is no " + type);
          }
        });
    return new PluginServices(Map.copyOf(parts));
  }

  /** These, and one more. */
  public <T> PluginServices with(Class<T> type, T part) {
    Map<Class<?>, Object> more = new HashMap<>(parts);
    more.put(type, part);
    return new PluginServices(Map.copyOf(more));
  }

  /**
   * The part of this type.
   *
   * @throws IllegalStateException when the program has no such part
   */
  public <T> T get(Class<T> type) {
    Object part = parts.get(type);
    if (part == null) {
      throw new IllegalStateException("the program has no " + type.getSimpleName());
    }
    return type.cast(part);
  }
}
