package ai.llmd.epp.adapter.extproc.transport;

import static ai.llmd.epp.adapter.extproc.transport.Payloads.flowControlError;
import static ai.llmd.epp.adapter.extproc.transport.Payloads.protocolError;

import io.netty.buffer.ByteBuf;

/** What the two ends settle (RFC 9113, section 6.5.2). */
final class PeerSettings {

  private static final int SETTING_BYTES = 6;
  private static final int MAX_MAX_FRAME_SIZE = (1 << 24) - 1;

  private PeerSettings() {}

  /**
   * Reads all of them. Only the window of new streams matters here: no table is kept, no headers
   * are large, no frame is larger than every peer takes, and nothing is pushed.
   *
   * @param window what was settled before
   * @return what is settled now
   */
  static int window(ByteBuf payload, int window) throws Http2Failure {
    if (payload.readableBytes() % SETTING_BYTES != 0) {
      throw Payloads.wrongLength();
    }
    int settled = window;
    while (payload.isReadable()) {
      int name = payload.readUnsignedShort();
      long value = payload.readUnsignedInt();
      switch (name) {
        case Frames.ENABLE_PUSH -> require(value <= 1);
        case Frames.MAX_FRAME_SIZE ->
            require(value >= Frames.MAX_PAYLOAD_BYTES && value <= MAX_MAX_FRAME_SIZE);
        case Frames.INITIAL_WINDOW_SIZE -> {
          if (value > Integer.MAX_VALUE) {
            throw flowControlError("a window that is too large");
          }
          settled = (int) value;
        }
        default -> {} // of an extension, or without a meaning here
      }
    }
    return settled;
  }

  /** Writes what is settled here. */
  static void writeOurs(TransportRules rules, Output output) {
    output
        .frame(3 * SETTING_BYTES, Frames.SETTINGS, 0, 0)
        .writeShort(Frames.MAX_CONCURRENT_STREAMS)
        .writeInt(rules.maxStreams())
        .writeShort(Frames.INITIAL_WINDOW_SIZE)
        .writeInt(rules.streamWindowBytes())
        .writeShort(Frames.MAX_HEADER_LIST_SIZE)
        .writeInt(HeaderBlocks.MAX_LIST_BYTES);
  }

  private static void require(boolean isAllowed) throws Http2Failure {
    if (!isAllowed) {
      throw protocolError("a setting that is none");
    }
  }
}
