package ai.llmd.epp.adapter.extproc.body;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * The bytes of a {@link ByteString} where they lie, to be read only. Reused for one chunk after the
 * other by one thread; a chunk in one piece, the usual case, costs neither copy nor allocation.
 */
public final class ChunkBytes extends ByteOutput {

  private static final byte[] NONE = {};

  private byte[] array = NONE;
  private int start;
  private int end;
  private int size;

  /** Makes the bytes of a chunk available until {@link #close()}. */
  public void open(ByteString chunk) {
    array = NONE;
    start = 0;
    end = 0;
    size = chunk.size();
    try {
      UnsafeByteOperations.unsafeWriteTo(chunk, this);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // there is no I/O in memory
    }
  }

  /** Lets go of the chunk. */
  public void close() {
    array = NONE;
  }

  /** The array in which the chunk lies. */
  public byte[] array() {
    return array;
  }

  /** First byte of the chunk. */
  public int start() {
    return start;
  }

  /** Place behind the last byte of the chunk. */
  public int end() {
    return end;
  }

  @Override
  public void writeLazy(byte[] value, int offset, int length) {
    if (length == size) {
      array = value;
      start = offset;
      end = offset + length;
    } else {
      write(value, offset, length);
    }
  }

  @Override
  public void write(byte[] value, int offset, int length) {
    roomForAll();
    System.arraycopy(value, offset, array, end, length);
    end += length;
  }

  @Override
  public void write(byte value) {
    roomForAll();
    array[end++] = value;
  }

  @Override
  public void writeLazy(ByteBuffer value) {
    if (value.hasArray()) {
      writeLazy(value.array(), value.arrayOffset() + value.position(), value.remaining());
    } else {
      write(value);
    }
  }

  @Override
  public void write(ByteBuffer value) {
    int length = value.remaining();
    roomForAll();
    value.get(array, end, length);
    end += length;
  }

  private void roomForAll() {
    if (array.length == 0) {
      array = new byte[size];
    }
  }
}
