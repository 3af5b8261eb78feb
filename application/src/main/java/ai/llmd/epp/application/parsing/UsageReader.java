package ai.llmd.epp.application.parsing;

import ai.llmd.epp.domain.routing.Usage;
import org.jspecify.annotations.Nullable;

/**
 * Reads usage from the body of one response. One stream's thread. Chunks are cut anywhere: what a
 * reader keeps of one chunk for the next has to have a bound. What cannot be read reports nothing.
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
   * @return the usage that the chunk completes, or null when it has none
   */
  @Nullable Usage read(byte[] bytes, int start, int end);

  /**
   * The body is over, whether it is complete or not.
   *
   * @return usage that stood at its end and was not reported yet, or null
   */
  default @Nullable Usage finish() {
    return null;
  }

  /** {@code data:} lines seen so far, the terminator aside. */
  default long streamedEvents() {
    return 0;
  }
}
