package ai.llmd.epp.adapter.extproc.message;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A message to Envoy, encoded: {@code ProcessingResponse}. What is sent about a body is in an array
 * of its own, and the body's bytes follow it, shared with the message that brought them. Immutable.
 */
public final class ExtProcResponse {

  private final byte[] head;
  private final int start;
  private final ByteString body;

  private ExtProcResponse(byte[] head, int start, ByteString body) {
    this.head = head;
    this.start = start;
    this.body = body;
  }

  /** A message of the generated classes: for what is rare. */
  public static ExtProcResponse of(ProcessingResponse message) {
    return new ExtProcResponse(message.toByteArray(), 0, ByteString.EMPTY);
  }

  public static ExtProcResponse of(MessageBytes message) {
    return of(message, ByteString.EMPTY);
  }

  /**
   * A message and the body that ends it.
   *
   * @param body the bytes behind the message
   */
  public static ExtProcResponse of(MessageBytes message, ByteString body) {
    return new ExtProcResponse(message.array(), message.start(), body);
  }

  /** The answer with metadata for the gateway; the very answer when there is none. */
  public ExtProcResponse withMetadata(Map<String, Map<String, Object>> metadata) {
    if (metadata.isEmpty()) {
      return this;
    }
    int length = head.length - start;
    MessageBytes both = new MessageBytes(length + 256, length + body.size());
    DynamicMetadata.add(both, metadata);
    int added = both.array().length - both.start();
    byte[] joined = new byte[added + length];
    System.arraycopy(both.array(), both.start(), joined, 0, added);
    System.arraycopy(head, start, joined, added, length);
    return new ExtProcResponse(joined, 0, body);
  }

  int size() {
    return head.length - start + body.size();
  }

  public void writeTo(OutputStream out) throws IOException {
    out.write(head, start, head.length - start);
    if (!body.isEmpty()) {
      // a byte string's own writeTo copies first, in case the stream changes the array
      UnsafeByteOperations.unsafeWriteTo(body, new Uncopied(out));
    }
  }

  private static final class Uncopied extends ByteOutput {

    private final OutputStream out;

    Uncopied(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(byte value) throws IOException {
      out.write(value);
    }

    @Override
    public void write(byte[] value, int offset, int length) throws IOException {
      out.write(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) throws IOException {
      out.write(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) throws IOException {
      byte[] copy = new byte[value.remaining()];
      value.get(copy);
      out.write(copy);
    }

    @Override
    public void writeLazy(ByteBuffer value) throws IOException {
      write(value);
    }
  }
}
