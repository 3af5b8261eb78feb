package ai.llmd.epp.adapter.extproc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Collects the chunks of one body, within its own limit and that of all bodies together. One
 * stream's thread; whoever owns it calls {@link #release} in the end, as often as it likes.
 */
final class BodyBuffer {

  /** What became of a chunk; one that was not kept has changed nothing. */
  enum Added {
    KEPT,
    TOO_LARGE,
    NO_ROOM
  }

  private final int limit;
  private final BufferedBytes together;
  private ByteString first = ByteString.EMPTY; // most bodies come in one piece
  private List<ByteString> more = List.of();
  private int size;

  BodyBuffer(int limit, BufferedBytes together) {
    this.limit = limit;
    this.together = together;
  }

  Added add(ByteString chunk) {
    if (chunk.isEmpty()) {
      return Added.KEPT;
    }
    if (chunk.size() > limit - size) {
      return Added.TOO_LARGE;
    }
    if (!together.take(chunk.size())) {
      return Added.NO_ROOM;
    }
    if (size == 0) {
      first = chunk;
    } else {
      if (more.isEmpty()) {
        more = new ArrayList<>();
      }
      more.add(chunk);
    }
    size += chunk.size();
    return Added.KEPT;
  }

  /** The whole body; its one chunk itself, or all of them copied into one array. */
  ByteString joined() {
    if (more.isEmpty()) {
      return first;
    }
    byte[] all = new byte[size];
    int[] end = new int[1];
    forEach(
        chunk -> {
          chunk.copyTo(all, end[0]);
          end[0] += chunk.size();
        });
    return UnsafeByteOperations.unsafeWrap(all);
  }

  void forEach(Consumer<ByteString> action) {
    if (size > 0) {
      action.accept(first);
      more.forEach(action);
    }
  }

  /** Forgets the body and gives its room back. */
  void release() {
    together.giveBack(size);
    first = ByteString.EMPTY;
    more = List.of();
    size = 0;
  }
}
