package ai.llmd.epp.adapter.extproc.rehearsal;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A frame that came from the picker.
 *
 * @param stream 0 for the connection
 */
@SuppressWarnings("ArrayRecordComponent") // it goes from hand to hand, and is not compared
record Http2Frame(int type, int flags, int stream, byte[] payload) {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;

  static final int END_STREAM = 0x1;
  static final int ACK = 0x1;
  static final int END_HEADERS = 0x4;

  static final int INITIAL_WINDOW_SIZE = 4;
  static final int CANCEL = 8;

  /** Of a payload, each way. */
  static final int MAX_BYTES = 16_384;

  static Http2Frame read(DataInputStream in) throws IOException {
    int lengthAndType = in.readInt();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    int length = lengthAndType >>> 8;
    if (length > MAX_BYTES) {
      throw new IOException("a frame of " + length + " bytes");
    }
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Http2Frame(lengthAndType & 0xff, flags, stream, payload);
  }

  boolean endsStream() {
    return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
  }

  boolean isAcknowledgement() {
    return (flags & ACK) != 0;
  }

  /** The number at this place of the payload. */
  int number(int offset) {
    return ByteBuffer.wrap(payload).getInt(offset);
  }
}
