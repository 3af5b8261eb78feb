package ai.llmd.epp.adapter.extproc.transport;

import static ai.llmd.epp.adapter.extproc.transport.Payloads.noRoom;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the frames that headers come in, and reads them. Every block is read, whatever becomes of
 * its stream: the blocks after it refer to it. The connection's thread.
 */
final class HeaderBlocks {

  /** Names, values and 32 bytes for each, as gRPC limits them. */
  static final int MAX_LIST_BYTES = 8 << 10;

  /** Of a block in several frames: headers that may be as long as that are too large anyway. */
  private static final int MAX_BLOCK_BYTES = Frames.MAX_PAYLOAD_BYTES;

  private static final int MAX_FRAMES = 64;

  /**
   * What came.
   *
   * @param headers null when there are too many, or they break the rules
   * @param isTooLarge why there are none
   */
  record Block(int stream, boolean endsStream, @Nullable Http2Headers headers, boolean isTooLarge) {

    /** Whether these may be the headers behind a stream's messages, however many there are. */
    boolean isTrailers() {
      return endsStream && (headers == null ? isTooLarge : !begins());
    }

    /** Whether these can be nothing but the first headers of a stream. */
    boolean begins() {
      return headers != null && headers.names().stream().anyMatch(Block::isPseudo);
    }

    private static boolean isPseudo(CharSequence name) {
      return !name.isEmpty() && name.charAt(0) == ':';
    }
  }

  private final ByteBufAllocator buffers;
  private final Kept kept;
  private final DefaultHttp2HeadersDecoder decoder =
      new DefaultHttp2HeadersDecoder(true, MAX_LIST_BYTES);
  private @Nullable ByteBuf begun;
  private int stream;
  private boolean endsStream;
  private int frames;

  HeaderBlocks(ByteBufAllocator buffers, Kept kept) {
    this.buffers = buffers;
    this.kept = kept;
  }

  /** Whether a block has begun: only its continuation may come. */
  boolean isIncomplete() {
    return begun != null;
  }

  /** Headers begin; null when they go on in further frames. */
  @Nullable Block begin(int id, int flags, ByteBuf payload) throws Http2Failure {
    stream = id;
    endsStream = (flags & Frames.END_STREAM) != 0;
    frames = 1;
    if ((flags & Frames.END_HEADERS) != 0) {
      return read(payload);
    }
    keep(payload);
    begun = buffers.directBuffer(payload.readableBytes()).writeBytes(payload);
    return null;
  }

  /** Headers go on; null when they still do. */
  @Nullable Block go(int id, int flags, ByteBuf payload) throws Http2Failure {
    ByteBuf block = begun;
    if (block == null || id != stream) {
      throw new Http2Failure(Frames.PROTOCOL_ERROR, "a continuation of nothing");
    }
    if (++frames > MAX_FRAMES
        || block.readableBytes() + payload.readableBytes() > MAX_BLOCK_BYTES) {
      throw new Http2Failure(Frames.ENHANCE_YOUR_CALM, "headers without an end");
    }
    keep(payload);
    block.writeBytes(payload);
    if ((flags & Frames.END_HEADERS) == 0) {
      return null;
    }
    try {
      return read(block.duplicate());
    } finally {
      close();
    }
  }

  private void keep(ByteBuf payload) throws Http2Failure {
    if (!kept.add(payload.readableBytes())) {
      throw noRoom();
    }
  }

  private Block read(ByteBuf block) throws Http2Failure {
    try {
      return new Block(stream, endsStream, decoder.decodeHeaders(stream, block), false);
    } catch (Http2Exception.HeaderListSizeException e) {
      return new Block(stream, endsStream, null, true);
    } catch (Http2Exception e) {
      if (Http2Exception.isStreamError(e)) {
        return new Block(stream, endsStream, null, false);
      }
      throw new Http2Failure(Frames.COMPRESSION_ERROR, "headers cannot be read");
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new Http2Failure(Frames.COMPRESSION_ERROR, "headers cannot be read");
    }
  }

  /** What has begun goes on no more. */
  void close() {
    if (begun != null) {
      kept.remove(begun.readableBytes());
      begun.release();
      begun = null;
    }
  }
}
