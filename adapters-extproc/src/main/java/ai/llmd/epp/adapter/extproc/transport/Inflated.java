package ai.llmd.epp.adapter.extproc.transport;

import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** A message that came compressed; ends with an error above the size that a message may have. */
final class Inflated extends InputStream {

  private final InputStream bytes;
  private final int maxBytes;
  private long read;

  Inflated(InputStream compressed, int maxBytes) throws IOException {
    this.bytes = new GZIPInputStream(compressed);
    this.maxBytes = maxBytes;
  }

  @Override
  public int read() throws IOException {
    int next = bytes.read();
    count(next < 0 ? 0 : 1);
    return next;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count = bytes.read(target, offset, length);
    count(Math.max(0, count));
    return count;
  }

  private void count(int more) {
    read += more;
    if (read > maxBytes) {
      throw Status.RESOURCE_EXHAUSTED
          .withDescription("the message exceeds " + maxBytes + " bytes once decompressed")
          .asRuntimeException();
    }
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }
}
