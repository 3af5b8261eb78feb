package ai.llmd.epp.adapter.extproc.memory;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Collects the chunks of one body, within its own limit and that of all bodies together. One
 * stream's thread; whoever owns it calls {@link #release} in the end, as often as it likes.
 *
 * <p>A chunk is kept as it came, without a copy, unless it is small: then it is copied into a
 * buffer with those that follow. A byte that came alone would otherwise hold some thirty. What is
 * counted for all bodies together is what is held: buffers at their full size, and {@value
 * #PIECE_BYTES} bytes for the objects around each.
 */
public final class BodyBuffer {

  /** What became of a chunk; one that was not kept has changed nothing. */
  public enum Added {
    KEPT,
    TOO_LARGE,
    TOO_MANY,
    NO_ROOM
  }

  /**
   * What a piece holds beside its bytes: a byte string, the head of an array, a place in a list.
   */
  public static final int PIECE_BYTES = 48;

  /** Chunks of one body, empty ones too: each costs time, whatever is in it. */
  public static final int MAX_CHUNKS = 1 << 22;

  /**
   * A body above it is large: it may not take the last quarter of the room, and it is read beside
   * the event loop, since that takes a millisecond or more.
   */
  public static final int LARGE = 1 << 20;

  private static final int SMALL = 1024;
  private static final int MIN_BUFFER = 256;
  private static final int MAX_BUFFER = 16 << 10;
  private static final byte[] NO_BUFFER = {};

  private final int limit;
  private final BufferedBytes together;
  private final boolean isSheddable;
  private ByteString first = ByteString.EMPTY; // most bodies come in one piece
  private List<ByteString> more = List.of();
  private byte[] last = NO_BUFFER; // where small chunks go, behind all pieces
  private int lastUsed;
  private int size;
  private int chunks;
  private long counted;

  public BodyBuffer(int limit, BufferedBytes together) {
    this(limit, together, false);
  }

  /**
   * @param limit most bytes of this body
   * @param isSheddable whether it has to leave half of the room to others
   */
  public BodyBuffer(int limit, BufferedBytes together, boolean isSheddable) {
    this.limit = limit;
    this.together = together;
    this.isSheddable = isSheddable;
  }

  /** A piece that is in memory already, and is counted whether or not there is room. */
  public static BodyBuffer holding(ByteString piece, BufferedBytes together) {
    BodyBuffer body = new BodyBuffer(piece.size(), together);
    long cost = (long) piece.size() + PIECE_BYTES;
    together.takeLittle(cost);
    body.counted = cost;
    body.first = piece;
    body.size = piece.size();
    body.chunks = 1;
    return body;
  }

  /** Adds a piece: of a response, or the last one of a request. */
  public Added add(ByteString chunk) {
    return add(chunk, false);
  }

  /** Adds a piece of a request of which more has to come: the last room is for what is complete. */
  public Added addUnfinished(ByteString chunk) {
    return add(chunk, true);
  }

  private Added add(ByteString chunk, boolean isUnfinished) {
    if (chunks == MAX_CHUNKS) {
      return Added.TOO_MANY;
    }
    if (chunk.size() > limit - size) {
      return Added.TOO_LARGE;
    }
    if (!chunk.isEmpty() && !keep(chunk, isUnfinished)) {
      return Added.NO_ROOM;
    }
    chunks++;
    size += chunk.size();
    return Added.KEPT;
  }

  private boolean keep(ByteString chunk, boolean isUnfinished) {
    int length = chunk.size();
    if (length <= last.length - lastUsed) {
      copy(chunk);
      return true;
    }
    if (size == 0 || length >= SMALL) {
      if (!take(length, isUnfinished)) {
        return false;
      }
      closeLast();
      append(chunk);
      return true;
    }
    int room = Math.clamp(size, Math.max(MIN_BUFFER, length), MAX_BUFFER);
    if (!take(room, isUnfinished)) {
      return false;
    }
    closeLast();
    last = new byte[room];
    copy(chunk);
    return true;
  }

  private boolean take(long bytes, boolean isUnfinished) {
    long cost = bytes + PIECE_BYTES;
    boolean isTaken = isTaken(cost, size + bytes > LARGE, isUnfinished);
    counted += isTaken ? cost : 0;
    return isTaken;
  }

  private boolean isTaken(long cost, boolean isLarge, boolean isUnfinished) {
    if (isSheddable) {
      return together.takeSheddable(cost);
    } else if (isLarge) {
      return together.takeLarge(cost);
    }
    return isUnfinished ? together.takeUnfinished(cost) : together.take(cost);
  }

  private void copy(ByteString chunk) {
    chunk.copyTo(last, lastUsed);
    lastUsed += chunk.size();
  }

  private void closeLast() {
    if (lastUsed > 0) {
      append(lastPiece());
      last = NO_BUFFER;
      lastUsed = 0;
    }
  }

  private ByteString lastPiece() {
    return UnsafeByteOperations.unsafeWrap(last, 0, lastUsed);
  }

  private void append(ByteString piece) {
    if (first.isEmpty()) {
      first = piece;
      return;
    }
    if (more.isEmpty()) {
      more = new ArrayList<>();
    }
    more.add(piece);
  }

  /** Whether the body is so large that reading it would keep other streams waiting. */
  public boolean isLarge() {
    return size > LARGE;
  }

  /** Bytes that are counted for it now, with what is around them. */
  public long heldBytes() {
    return counted;
  }

  /**
   * The whole body; its one chunk itself, or all of them copied into one array, which is held from
   * then on in their place. Null when there is no room for the copy beside them.
   */
  public @Nullable ByteString joined() {
    if (first.size() < size) {
      long pieces = counted;
      if (!take(size, false)) {
        return null;
      }
      byte[] all = new byte[size];
      int[] end = new int[1];
      forEach(
          piece -> {
            piece.copyTo(all, end[0]);
            end[0] += piece.size();
          });
      first = UnsafeByteOperations.unsafeWrap(all);
      more = List.of();
      last = NO_BUFFER;
      lastUsed = 0;
      together.giveBack(pieces);
      counted -= pieces;
    }
    return first;
  }

  /** Shows the body piece by piece, cut otherwise than it came. */
  public void forEach(Consumer<ByteString> action) {
    if (size > 0) {
      action.accept(first);
      more.forEach(action);
    }
    if (lastUsed > 0) {
      action.accept(lastPiece());
    }
  }

  /** Forgets the body and gives its room back. */
  public void release() {
    together.giveBack(counted);
    first = ByteString.EMPTY;
    more = List.of();
    last = NO_BUFFER;
    lastUsed = 0;
    size = 0;
    chunks = 0;
    counted = 0;
  }
}
