package ai.llmd.epp.adapter.extproc.body.vertex;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where the data of a {@code google.api.HttpBody} stands.
 *
 * @param start first byte
 * @param end behind the last byte
 */
record HttpBodyData(int start, int end) {

  private static final int LENGTH_DELIMITED = WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int HTTP_BODY = (2 << 3) | LENGTH_DELIMITED; // of the three requests
  private static final int DATA = (2 << 3) | LENGTH_DELIMITED; // of HttpBody

  /**
   * The data of the body within a request; null when it has no body, empty when the body has none.
   *
   * @throws IOException when the bytes are no message
   */
  static @Nullable HttpBodyData ofRequest(byte[] bytes, int start, int end) throws IOException {
    HttpBodyData body = field(bytes, start, end, HTTP_BODY);
    return body == null ? null : of(bytes, body.start, body.end);
  }

  /**
   * The data of a body; empty when it has none.
   *
   * @throws IOException when the bytes are no message
   */
  static HttpBodyData of(byte[] bytes, int start, int end) throws IOException {
    HttpBodyData data = field(bytes, start, end, DATA);
    return data == null ? new HttpBodyData(start, start) : data;
  }

  /** The last of the fields with this tag, as protobuf has it. */
  private static @Nullable HttpBodyData field(byte[] bytes, int start, int end, int wanted)
      throws IOException {
    CodedInputStream message = CodedInputStream.newInstance(bytes, start, end - start);
    HttpBodyData found = null;
    for (int tag = message.readTag(); tag != 0; tag = message.readTag()) {
      if (tag == wanted) {
        int length = message.readRawVarint32();
        int from = start + message.getTotalBytesRead();
        message.skipRawBytes(length);
        found = new HttpBodyData(from, from + length);
      } else {
        message.skipField(tag);
      }
    }
    return found;
  }

  boolean isEmpty() {
    return start == end;
  }
}
