package ai.llmd.epp.adapter.extproc.message;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the array behind a byte string. A message of gRPC is copied once, into arrays that no
 * other code knows; a body that came in one message can be parsed right there.
 */
public final class BackingArray extends ByteOutput {

  private byte @Nullable [] array;
  private boolean isWhole = true;

  private BackingArray() {}

  /** The bytes from index 0 on, perhaps with more behind them; read-only. Copies when it must. */
  public static byte[] of(ByteString bytes) {
    BackingArray found = new BackingArray();
    try {
      UnsafeByteOperations.unsafeWriteTo(bytes, found);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] array = found.array;
    return array != null && found.isWhole ? array : bytes.toByteArray();
  }

  @Override
  public void writeLazy(byte[] value, int offset, int length) {
    isWhole = isWhole && array == null && offset == 0;
    array = value;
  }

  // The array of any other form may be reused or be a part only: it is copied.

  @Override
  public void write(byte[] value, int offset, int length) {
    isWhole = false;
  }

  @Override
  public void write(byte value) {
    isWhole = false;
  }

  @Override
  public void write(ByteBuffer value) {
    isWhole = false;
  }

  @Override
  public void writeLazy(ByteBuffer value) {
    isWhole = false;
  }
}
