package ai.llmd.epp.adapter.extproc.transport;

import static ai.llmd.epp.adapter.extproc.transport.Payloads.noRoom;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what comes on a connection into frames. Keeps one incomplete frame at most, in a buffer of
 * its own. The connection's thread.
 */
final class FrameReader {

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final int MAX_FRAME_BYTES = Frames.HEAD_BYTES + Frames.MAX_PAYLOAD_BYTES;

  /** Receives frames. */
  interface Sink {

    /**
     * A frame is complete.
     *
     * @param payload only valid during the call
     */
    void frame(int type, int flags, int stream, ByteBuf payload) throws Http2Failure;
  }

  private final ByteBufAllocator buffers;
  private final Kept kept;
  private final Sink sink;
  private @Nullable ByteBuf begun;
  private boolean hasPreface;
  private boolean isClosed;

  FrameReader(ByteBufAllocator buffers, Kept kept, Sink sink) {
    this.buffers = buffers;
    this.kept = kept;
    this.sink = sink;
  }

  boolean hasPreface() {
    return hasPreface;
  }

  /** Takes the next bytes, and releases them. */
  void read(ByteBuf in) throws Http2Failure {
    try {
      while (in.isReadable() && !isClosed) {
        if (begun == null && missing(in) == 0) {
          take(in);
        } else {
          gather(in);
        }
      }
    } finally {
      in.release();
    }
  }

  private void gather(ByteBuf in) throws Http2Failure {
    ByteBuf frame = begun;
    if (frame == null) {
      int first = Math.min(in.readableBytes(), MAX_FRAME_BYTES);
      frame = buffers.directBuffer(first, MAX_FRAME_BYTES);
      begun = frame;
    }
    int more = Math.min(Math.max(1, missing(frame)), in.readableBytes());
    if (!kept.add(more)) {
      throw noRoom();
    }
    frame.writeBytes(in, more);
    if (missing(frame) == 0) {
      begun = null;
      kept.remove(frame.readableBytes());
      try {
        take(frame);
      } finally {
        frame.release();
      }
    }
  }

  /** At least so many bytes are missing until something can be taken. */
  private int missing(ByteBuf in) throws Http2Failure {
    int there = in.readableBytes();
    if (!hasPreface) {
      return Math.max(0, PREFACE.length - there);
    }
    if (there < Frames.HEAD_BYTES) {
      return Frames.HEAD_BYTES - there;
    }
    int length = in.getUnsignedMedium(in.readerIndex());
    if (length > Frames.MAX_PAYLOAD_BYTES) {
      throw new Http2Failure(Frames.FRAME_SIZE_ERROR, "a frame of " + length + " bytes");
    }
    return Math.max(0, Frames.HEAD_BYTES + length - there);
  }

  private void take(ByteBuf in) throws Http2Failure {
    if (!hasPreface) {
      for (byte expected : PREFACE) {
        if (in.readByte() != expected) {
          throw new Http2Failure(Frames.PROTOCOL_ERROR, "no HTTP/2 preface");
        }
      }
      hasPreface = true;
      return;
    }
    int length = in.readUnsignedMedium();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & Integer.MAX_VALUE;
    sink.frame(type, flags, stream, in.readSlice(length));
  }

  /** Takes nothing any more. */
  void close() {
    isClosed = true;
    if (begun != null) {
      kept.remove(begun.readableBytes());
      begun.release();
      begun = null;
    }
  }
}
