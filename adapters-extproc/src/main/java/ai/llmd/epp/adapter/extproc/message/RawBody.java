package ai.llmd.epp.adapter.extproc.message;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;
import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * A body as it was received, in the pieces that it came in; nothing is copied before it is asked
 * for.
 */
public final class RawBody implements Utf8Text {

  private final ByteString body;

  public RawBody(ByteString body) {
    this.body = body;
  }

  @Override
  public int byteLength() {
    return body.size();
  }

  @Override
  public void writeTo(ByteSink sink) {
    try {
      UnsafeByteOperations.unsafeWriteTo(body, new Pieces(sink));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names the size, never the text. */
  @Override
  public String toString() {
    return "RawBody[" + body.size() + " bytes]";
  }

  /** Hands the pieces on. */
  private static final class Pieces extends ByteOutput {

    private final ByteSink sink;

    Pieces(ByteSink sink) {
      this.sink = sink;
    }

    @Override
    public void write(byte value) {
      sink.write(new byte[] {value}, 0, 1);
    }

    @Override
    public void write(byte[] value, int offset, int length) {
      sink.write(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
      sink.write(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) {
      byte[] copy = new byte[value.remaining()];
      value.get(copy);
      sink.write(copy, 0, copy.length);
    }

    @Override
    public void writeLazy(ByteBuffer value) {
      write(value);
    }
  }
}
