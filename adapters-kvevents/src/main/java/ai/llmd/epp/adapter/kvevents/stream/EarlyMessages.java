package ai.llmd.epp.adapter.kvevents.stream;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Messages that arrived before others with lower numbers, which may still come. One thread.
 *
 * <p>Holds at most 64 messages and 4 MiB, for at most 100 ms.
 */
final class EarlyMessages {

  /** How far ahead a message may be to be held. */
  static final int MAX_AHEAD = 64;

  static final long LIMIT_NANOS = 100_000_000L;

  private static final int MAX_BYTES = 4 << 20;

  private final TreeMap<Long, Frames> byNumber = new TreeMap<>();
  private long bytes;
  private long since;

  boolean isEmpty() {
    return byNumber.isEmpty();
  }

  /** Whether what is missing did not come in time, or there is room for no more. */
  boolean isOver(long now) {
    return !byNumber.isEmpty()
        && (now - since >= LIMIT_NANOS || byNumber.size() >= MAX_AHEAD || bytes >= MAX_BYTES);
  }

  void add(Frames message, long now) {
    since = byNumber.isEmpty() ? now : since;
    if (byNumber.putIfAbsent(message.number(), message) == null) {
      bytes += message.payload().length;
    }
  }

  /** Takes the lowest one if its number is at most this; null for none. */
  @Nullable Frames poll(long highest) {
    if (byNumber.isEmpty() || byNumber.firstKey() > highest) {
      return null;
    }
    Map.Entry<Long, Frames> first = byNumber.pollFirstEntry();
    bytes -= first.getValue().payload().length;
    return first.getValue();
  }

  void clear() {
    byNumber.clear();
    bytes = 0;
  }
}
