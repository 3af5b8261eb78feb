package ai.llmd.epp.adapter.kvevents.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A message: topic, number, payload.
 *
 * @param number counted by the publisher
 * @param payload empty at the end of a replay
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record Frames(String topic, long number, byte[] payload) {

  /** Longest topic: models are remembered by it. */
  static final int MAX_TOPIC_BYTES = 4096;

  boolean isEnd() {
    return payload.length == 0;
  }

  /** A live message; null when it is none. */
  static @Nullable Frames live(byte[][] frames) {
    return frames.length == 3 ? of(frames[0], frames[1], frames[2]) : null;
  }

  /**
   * A message of a replay, with or without the empty frame before it, and of older publishers
   * without a topic; null when it is none.
   */
  static @Nullable Frames replayed(byte[][] frames) {
    int from = frames.length > 0 && frames[0].length == 0 && frames.length != 3 ? 1 : 0;
    return switch (frames.length - from) {
      case 3 -> of(frames[from], frames[from + 1], frames[from + 2]);
      case 2 -> of(new byte[0], frames[from], frames[from + 1]);
      default -> null;
    };
  }

  private static @Nullable Frames of(byte[] topic, byte[] number, byte[] payload) {
    if (number.length < Long.BYTES || topic.length > MAX_TOPIC_BYTES) {
      return null;
    }
    return new Frames(
        new String(topic, StandardCharsets.UTF_8), ByteBuffer.wrap(number).getLong(), payload);
  }
}
