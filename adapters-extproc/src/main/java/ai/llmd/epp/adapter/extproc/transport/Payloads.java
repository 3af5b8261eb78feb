package ai.llmd.epp.adapter.extproc.transport;

import io.netty.buffer.ByteBuf;

/** What is asked of frames' payloads. */
final class Payloads {

  private static final int PRIORITY_BYTES = 5;
  private static final int GOAWAY_BYTES = 8; // and a text

  private Payloads() {}

  static Http2Failure protocolError(String reason) {
    return new Http2Failure(Frames.PROTOCOL_ERROR, reason);
  }

  /** The peer sends more than it may, or wants more sent than a window can have. */
  static Http2Failure flowControlError(String reason) {
    return new Http2Failure(Frames.FLOW_CONTROL_ERROR, reason);
  }

  /** What the peer sends would have to be kept, and that costs the connection. */
  static Http2Failure noRoom() {
    return new Http2Failure(Frames.ENHANCE_YOUR_CALM, "no room for what is incomplete");
  }

  /** Only this length will do. */
  static void length(ByteBuf payload, int bytes) throws Http2Failure {
    if (payload.readableBytes() != bytes) {
      throw wrongLength();
    }
  }

  /** Of frames that change nothing here: a peer goes away when its streams are over. */
  static void withoutMeaning(int type, int stream, ByteBuf payload) throws Http2Failure {
    if (type == Frames.PRIORITY) {
      length(payload, PRIORITY_BYTES);
      if (stream == 0) {
        throw protocolError("a priority of no stream");
      }
    } else if (type == Frames.GOAWAY) {
      if (stream != 0) {
        throw protocolError("a stream goes away");
      }
      if (payload.readableBytes() < GOAWAY_BYTES) {
        throw wrongLength();
      }
    } // else it is of an extension
  }

  static Http2Failure wrongLength() {
    return new Http2Failure(Frames.FRAME_SIZE_ERROR, "a frame of another length");
  }

  /** Takes the padding off, and the priority of headers. */
  static void unpad(int flags, ByteBuf payload, boolean isHeaders) throws Http2Failure {
    int padding = 0;
    int priority = isHeaders && (flags & Frames.HAS_PRIORITY) != 0 ? PRIORITY_BYTES : 0;
    if ((flags & Frames.PADDED) != 0) {
      if (!payload.isReadable()) {
        throw wrongLength();
      }
      padding = payload.readUnsignedByte();
    }
    if (padding + priority > payload.readableBytes()) {
      throw protocolError("more padding than payload");
    }
    payload.skipBytes(priority);
    payload.writerIndex(payload.writerIndex() - padding);
  }
}
