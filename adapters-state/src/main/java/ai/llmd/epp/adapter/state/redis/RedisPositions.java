package ai.llmd.epp.adapter.state.redis;

import ai.llmd.epp.application.port.out.ReplicationLog.Position;

/** Positions as Redis writes the ids of a stream: {@code milliseconds-number}. */
final class RedisPositions {

  private RedisPositions() {}

  static Position of(String id) {
    int dash = id.indexOf('-');
    return new Position(
        Long.parseLong(id.substring(0, dash)), Long.parseLong(id.substring(dash + 1)));
  }

  static String text(Position position) {
    return position.major() + "-" + position.minor();
  }
}
