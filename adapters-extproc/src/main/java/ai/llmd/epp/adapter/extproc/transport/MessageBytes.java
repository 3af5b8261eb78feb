package ai.llmd.epp.adapter.extproc.transport;

import io.grpc.Drainable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** Writes gRPC messages, each behind whether it is compressed and its length. */
final class MessageBytes {

  static final int PREFIX_BYTES = 5;

  private MessageBytes() {}

  static byte[] compressed(InputStream bytes) throws IOException {
    ByteArrayOutputStream small = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(small)) {
      drain(bytes, gzip);
    }
    return small.toByteArray();
  }

  private static void drain(InputStream bytes, OutputStream to) throws IOException {
    if (bytes instanceof Drainable all) {
      int _ = all.drainTo(to);
    } else {
      long _ = bytes.transferTo(to);
    }
  }

  static ByteBuf prefixed(ByteBuf to, int size, boolean isCompressed) {
    return to.writeByte(isCompressed ? 1 : 0).writeInt(size);
  }

  static ByteBuf write(ByteBuf to, InputStream bytes, int size) throws IOException {
    int before = to.readableBytes();
    drain(bytes, new ByteBufOutputStream(to)); // is no owner of the buffer
    if (to.readableBytes() - before != size) {
      throw new IOException("a message has another size than it said");
    }
    return to;
  }
}
