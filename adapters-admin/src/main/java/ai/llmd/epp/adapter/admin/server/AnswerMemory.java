package ai.llmd.epp.adapter.admin.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Bounds the bodies that wait for their readers. The one that asked last is served: where there is
 * no room, those that have been reading for the longest are given up. Any thread.
 */
final class AnswerMemory {

  private final long maxBytes;

  // guarded by this
  private final SequencedMap<ReaderConnection, Long> held = new LinkedHashMap<>();
  private long heldBytes;

  /**
   * @param maxBytes of all bodies; a larger one has it alone
   */
  AnswerMemory(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Begins to hold the body of an answer, one for each connection. */
  synchronized void hold(ReaderConnection reader, long bytes) {
    while (!held.isEmpty() && heldBytes + bytes > maxBytes) {
      Map.Entry<ReaderConnection, Long> oldest = held.pollFirstEntry();
      heldBytes -= oldest.getValue();
      oldest.getKey().giveUp();
    }
    held.put(reader, bytes);
    heldBytes += bytes;
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
