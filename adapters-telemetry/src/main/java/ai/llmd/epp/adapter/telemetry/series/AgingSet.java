package ai.llmd.epp.adapter.telemetry.series;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A bounded set that clients fill. While there is room everything stays; once something has found
 * none, what was not seen between two calls of {@link #age} leaves with the second. Any thread.
 */
final class AgingSet<T> {

  private final Map<T, Seen> kept = new ConcurrentHashMap<>();
  private volatile boolean isShort;

  /** Read far more often than written, so that threads share its cache line. */
  private static final class Seen {

    private volatile boolean isRecent = true;

    void again() {
      if (!isRecent) {
        isRecent = true;
      }
    }
  }

  /** Whether the value is there; it has been seen then. */
  boolean sees(T value) {
    Seen seen = kept.get(value);
    if (seen == null) {
      return false;
    }
    seen.again();
    return true;
  }

  /** Whether the value is there, which makes it no younger. */
  boolean contains(T value) {
    return kept.containsKey(value);
  }

  /** Whether the value is there, with this or before; it has been seen then. */
  boolean add(T value, int most) {
    if (sees(value)) {
      return true;
    }
    if (kept.size() >= most) {
      isShort = true; // no caller waits for the lock while there is no room
      return false;
    }
    return addWithin(value, most);
  }

  private synchronized boolean addWithin(T value, int most) {
    if (sees(value)) {
      return true;
    }
    if (kept.size() >= most) {
      isShort = true;
      return false;
    }
    kept.put(value, new Seen());
    return true;
  }

  /** Those that have been seen since the last {@link #age}. */
  void recent(Consumer<T> each) {
    kept.forEach(
        (value, seen) -> {
          if (seen.isRecent) {
            each.accept(value);
          }
        });
  }

  /**
   * Lets values leave that were not seen since the last call, if one has found no room since.
   *
   * @param isInUse what stays all the same
   */
  synchronized void age(Predicate<T> isInUse) {
    boolean makesRoom = isShort;
    isShort = false;
    kept.entrySet()
        .removeIf(
            entry -> {
              Seen seen = entry.getValue();
              boolean leaves = makesRoom && !seen.isRecent && !isInUse.test(entry.getKey());
              seen.isRecent = false;
              return leaves;
            });
  }

  /** Lets these leave. */
  void removeIf(Predicate<T> leaves) {
    Set<T> values = kept.keySet();
    values.removeIf(leaves);
  }
}
