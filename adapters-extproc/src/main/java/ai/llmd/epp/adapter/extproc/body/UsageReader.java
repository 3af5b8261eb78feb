package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.domain.routing.Usage;
import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * Reads usage from the body of one response. One stream's thread; no reassembly over chunks, as
 * upstream. A chunk that cannot be read reports nothing.
 */
public interface UsageReader {

  /** For responses that carry no usage that the parser knows. */
  UsageReader NONE = chunk -> null;

  /** That chunk's own usage (the whole body when it is not a stream), or null when it has none. */
  @Nullable Usage read(ByteString chunk);

  /** {@code data:} lines seen so far, the terminator aside. */
  default long streamedEvents() {
    return 0;
  }
}
