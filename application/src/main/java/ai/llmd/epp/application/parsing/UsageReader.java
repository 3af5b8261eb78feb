package ai.llmd.epp.application.parsing;

import ai.llmd.epp.domain.routing.Usage;
import org.jspecify.annotations.Nullable;

/**
 * Reads usage from the body of one response. One stream's thread; no reassembly over chunks, as
 * upstream. A chunk that cannot be read reports nothing.
 */
public interface UsageReader {

  /** For responses that carry no usage that the parser knows. */
  UsageReader NONE = (bytes, start, end) -> null;

  /**
   * Reads a chunk of a stream, or the whole body when it is not a stream. The array belongs to the
   * caller: it is not changed, and not kept after the call.
   *
   * @param start first byte of the chunk
   * @param end place behind its last byte
   * @return the chunk's own usage, or null when it has none
   */
  @Nullable Usage read(byte[] bytes, int start, int end);

  /** {@code data:} lines seen so far, the terminator aside. */
  default long streamedEvents() {
    return 0;
  }
}
