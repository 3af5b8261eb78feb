package ai.llmd.epp.domain.facts;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The facts of one request. Producers put, one after another; filters and scorers read. They travel
 * with the request on its thread and die with it.
 *
 * <p>A request has a handful of facts, so a linear search beats a map.
 */
public final class Facts {

  private FactKey<?>[] keys = new FactKey<?>[4];
  private Object[] values = new Object[4];
  private int size;

  /** The fact, or null when it was not produced. */
  public <T> @Nullable T get(FactKey<T> key) {
    for (int i = 0; i < size; i++) {
      if (keys[i].equals(key)) {
        return key.type().cast(values[i]);
      }
    }
    return null;
  }

  /** Adds a fact, or replaces the one under this key. */
  public <T> void put(FactKey<T> key, T value) {
    putUnchecked(key, value);
  }

  private void putUnchecked(FactKey<?> key, Object value) {
    for (int i = 0; i < size; i++) {
      if (keys[i].equals(key)) {
        values[i] = value;
        return;
      }
    }
    if (size == keys.length) {
      keys = Arrays.copyOf(keys, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
    }
    keys[size] = key;
    values[size] = value;
    size++;
  }

  /** Adds all facts of the other; of two under one key the other's counts. */
  public void putAll(Facts other) {
    for (int i = 0; i < other.size; i++) {
      putUnchecked(other.keys[i], other.values[i]);
    }
  }
}
