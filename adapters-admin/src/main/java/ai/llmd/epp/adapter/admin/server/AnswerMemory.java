package ai.llmd.epp.adapter.admin.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Bounds the bodies that wait for their readers. Who asks is served: where there is no room, those
 * are given up that have not taken a piece for the longest. Small bodies are not counted, as there
 * is at most one for each connection: a probe ends nobody's download. Any thread.
 */
final class AnswerMemory {

  /** No more than what a connection costs anyway. */
  static final int SMALL_BYTES = 64 << 10;

  private final long maxBytes;

  // guarded by this
  private final SequencedMap<ReaderConnection, Long> held =
      new LinkedHashMap<>(16, 0.75f, true); // the one that has not progressed for the longest first
  private long heldBytes;

  /**
   * @param maxBytes of all bodies that are not small; a larger one may be the only one
   */
  AnswerMemory(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Begins to hold the body of an answer, one for each connection. */
  synchronized void hold(ReaderConnection reader, long bytes) {
    if (bytes <= SMALL_BYTES) {
      return;
    }
    while (!held.isEmpty() && heldBytes + bytes > maxBytes) {
      Map.Entry<ReaderConnection, Long> oldest = held.pollFirstEntry();
      heldBytes -= oldest.getValue();
      oldest.getKey().giveUp();
    }
    held.put(reader, bytes);
    heldBytes += bytes;
  }

  /** It has taken a piece of its body. */
  synchronized void progressed(ReaderConnection reader) {
    held.get(reader); // makes it the last one
  }

  /** The body is sent, or will not be. */
  synchronized void release(ReaderConnection reader) {
    Long bytes = held.remove(reader);
    heldBytes -= bytes == null ? 0 : bytes;
  }

  /** Bytes of all bodies now. */
  synchronized long bytes() {
    return heldBytes;
  }
}
