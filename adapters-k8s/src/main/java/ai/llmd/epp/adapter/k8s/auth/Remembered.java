package ai.llmd.epp.adapter.k8s.auth;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Answers that hold for a while. The oldest goes when there are too many; all live equally long, so
 * that the oldest is the first to end, too. Any thread.
 */
final class Remembered<K, V> {

  private record Entry<V>(V value, long since) {}

  private final int most;
  private final long nanos;
  private final LongSupplier nanoClock;
  private final Map<K, Entry<V>> oldestFirst = new LinkedHashMap<>(); // guarded by this

  Remembered(int most, Duration life, LongSupplier nanoClock) {
    this.most = most;
    this.nanos = life.toNanos();
    this.nanoClock = nanoClock;
  }

  synchronized Optional<V> find(K key) {
    Entry<V> entry = oldestFirst.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (nanoClock.getAsLong() - entry.since() >= nanos) {
      oldestFirst.remove(key);
      return Optional.empty();
    }
    return Optional.of(entry.value());
  }

  synchronized void keep(K key, V value) {
    oldestFirst.remove(key);
    if (oldestFirst.size() >= most) {
      Iterator<K> oldest = oldestFirst.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    oldestFirst.put(key, new Entry<>(value, nanoClock.getAsLong()));
  }
}
