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
 *
 * <p>A chunk of a streamed body can be cut: how such a body is cut means nothing to Envoy.
 */
public final class ExtProcResponse {

  private final byte[] head;
  private final int start;
  private final ByteString body;
  private final int chunkOf; // the field of a chunk, 0 for other messages
  private final boolean endsStream;
  private final Map<String, Map<String, Object>> metadata; // of a chunk

  private ExtProcResponse(byte[] head, int start, ByteString body) {
    this(head, start, body, 0, false, Map.of());
  }

  private ExtProcResponse(
      byte[] head,
      int start,
      ByteString body,
      int chunkOf,
      boolean endsStream,
      Map<String, Map<String, Object>> metadata) {
    this.head = head;
    this.start = start;
    this.body = body;
    this.chunkOf = chunkOf;
    this.endsStream = endsStream;
    this.metadata = metadata;
  }

  /** A chunk of a streamed body, which can be cut. */
  static ExtProcResponse chunk(
      int field, MessageBytes message, ByteString body, boolean endsStream) {
    return new ExtProcResponse(message.array(), message.start(), body, field, endsStream, Map.of());
  }

  /** Whether it is a chunk of more than these bytes of a body. */
  public boolean isChunkAbove(int bytes) {
    return chunkOf != 0 && body.size() > bytes;
  }

  /** The first bytes of a chunk. */
  public ExtProcResponse first(int bytes) {
    return Answers.chunk(chunkOf, body.substring(0, bytes), false);
  }

  /** The chunk without its first bytes. */
  public ExtProcResponse without(int bytes) {
    return Answers.chunk(chunkOf, body.substring(bytes), endsStream).withMetadata(metadata);
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
  public ExtProcResponse withMetadata(Map<String, Map<String, Object>> added) {
    if (added.isEmpty()) {
      return this;
    }
    int length = head.length - start;
    MessageBytes both = new MessageBytes(length + 256, length + body.size());
    DynamicMetadata.add(both, added);
    int before = both.array().length - both.start();
    byte[] joined = new byte[before + length];
    System.arraycopy(both.array(), both.start(), joined, 0, before);
    System.arraycopy(head, start, joined, before, length);
    return new ExtProcResponse(joined, 0, body, chunkOf, endsStream, added);
  }

  /** Bytes of the whole message. */
  public int size() {
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
