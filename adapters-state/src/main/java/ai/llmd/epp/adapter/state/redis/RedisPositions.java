package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.application.port.out.ReplicationLog.Position;
import org.jspecify.annotations.Nullable;

/**
 * Positions as Redis writes the ids of a stream: {@code milliseconds-number}, both unsigned numbers
 * of 64 bits.
 */
final class RedisPositions {

  /** Of two such numbers. */
  private static final int MAX_CHARACTERS = 41;

  private RedisPositions() {}

  /** Null for what is no position: others can write to the store as well. */
  static @Nullable Position parse(String id) {
    int dash = id.indexOf('-');
    if (dash < 0 || id.length() > MAX_CHARACTERS) {
      return null;
    }
    try {
      return new Position(
          Long.parseUnsignedLong(id, 0, dash, 10),
          Long.parseUnsignedLong(id, dash + 1, id.length(), 10));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  static String text(Position position) {
    return Long.toUnsignedString(position.major()) + "-" + Long.toUnsignedString(position.minor());
  }
}
