package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.domain.state.EngineCaches;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/*
 *   piece   version:1 image:8 index:2 count:2 bytes*
 */
/**
 * Cuts images into pieces, and puts together those that come in their order. Pieces may be
 * anything. Any thread.
 */
final class ImagePieces {

  private static final byte VERSION = 1;
  private static final int HEAD_BYTES = 1 + Long.BYTES + 2 * Short.BYTES;
  private static final int BODY_BYTES = EngineCaches.MAX_PIECE_BYTES - HEAD_BYTES;
  private static final int MAX_PIECES = CacheImage.MAX_BYTES / BODY_BYTES + 1;

  /** Images that are on their way at the same time; the oldest is given up first. */
  private static final int MAX_UNFINISHED = 4;

  private final Map<EndpointId, Unfinished> unfinished = new LinkedHashMap<>(); // guarded by this

  /** The pieces of an image that came so far. */
  private static final class Unfinished {

    private final long image;
    private final int count;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int next;

    Unfinished(long image, int count) {
      this.image = image;
      this.count = count;
    }

    void add(ByteBuffer piece) {
      byte[] body = new byte[piece.remaining()];
      piece.get(body);
      bytes.writeBytes(body);
      next++;
    }
  }

  static List<byte[]> cut(byte[] image) {
    int count = Math.max(1, (image.length + BODY_BYTES - 1) / BODY_BYTES);
    long number = ThreadLocalRandom.current().nextLong();
    List<byte[]> pieces = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int from = i * BODY_BYTES;
      int length = Math.min(BODY_BYTES, image.length - from);
      pieces.add(
          ByteBuffer.allocate(HEAD_BYTES + length)
              .put(VERSION)
              .putLong(number)
              .putShort((short) i)
              .putShort((short) count)
              .put(image, from, length)
              .array());
    }
    return pieces;
  }

  /**
   * What a piece brought.
   *
   * @param isWaiting whether more pieces have to come
   * @param image all of it, when this was the last piece; null when the piece was of no use
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Put(boolean isWaiting, byte @Nullable [] image) {

    static final Put WAITING = new Put(true, null);
    static final Put USELESS = new Put(false, null);
  }

  /** Takes a piece. */
  synchronized Put put(EndpointId endpoint, byte[] piece) {
    if (piece.length < HEAD_BYTES || piece.length > EngineCaches.MAX_PIECE_BYTES) {
      return Put.USELESS;
    }
    ByteBuffer in = ByteBuffer.wrap(piece);
    byte version = in.get();
    long image = in.getLong();
    int index = in.getShort() & 0xffff;
    int count = in.getShort() & 0xffff;
    if (version != VERSION || index >= count || count > MAX_PIECES) {
      return Put.USELESS;
    }
    if (index == 0) {
      begin(endpoint, new Unfinished(image, count));
    }
    Unfinished all = unfinished.get(endpoint);
    if (all == null || all.image != image || all.next != index || all.count != count) {
      unfinished.remove(endpoint);
      return Put.USELESS;
    }
    all.add(in);
    if (all.next < count) {
      return Put.WAITING;
    }
    unfinished.remove(endpoint);
    return new Put(false, all.bytes.toByteArray());
  }

  private void begin(EndpointId endpoint, Unfinished image) {
    unfinished.remove(endpoint);
    unfinished.put(endpoint, image);
    while (unfinished.size() > MAX_UNFINISHED) {
      unfinished.remove(unfinished.keySet().iterator().next());
    }
  }
}
