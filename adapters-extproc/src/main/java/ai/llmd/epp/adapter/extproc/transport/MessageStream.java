package ai.llmd.epp.adapter.extproc.transport;

import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import java.io.InputStream;

/** The bytes of a message, straight from the network's buffer. */
final class MessageStream extends InputStream implements KnownLength {

  private final ByteBuf bytes;

  MessageStream(ByteBuf bytes) {
    this.bytes = bytes;
  }

  @Override
  public int available() {
    return bytes.readableBytes();
  }

  @Override
  public int read() {
    return bytes.isReadable() ? bytes.readUnsignedByte() : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    if (length == 0) {
      return 0;
    }
    int count = Math.min(length, bytes.readableBytes());
    bytes.readBytes(target, offset, count);
    return count == 0 ? -1 : count;
  }
}
