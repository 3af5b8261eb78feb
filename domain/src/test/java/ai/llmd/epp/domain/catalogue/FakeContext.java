package ai.llmd.epp.domain.catalogue;

import java.util.Map;
import java.util.Optional;

/**
 * What a plugin under test may use.
 *
 * @param parts of the program, by their type
 */
public record FakeContext(String name, Map<Class<?>, Object> parts) implements PluginContext {

  /** A context without any part. */
  public static FakeContext named(String name) {
    return new FakeContext(name, Map.of());
  }

  @Override
  public Optional<Plugin> plugin(String other) {
    return Optional.empty();
  }

  @Override
  public <T> T service(Class<T> type) {
    Object part = parts.get(type);
    if (part == null) {
      throw new IllegalStateException("no " + type);
    }
    return type.cast(part);
  }
}
