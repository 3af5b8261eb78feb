package ai.llmd.epp.adapter.extproc.body;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/**
 * Replaces the values of a body's top-level {@code model} keys, all of them should there be
 * several, so that it does not matter which one the model server believes. A body without the key
 * gets one in front. Everything else stays byte for byte, and the usual case, one key, shares the
 * body's bytes.
 */
final class ModelRewriter implements ModelRewrite {

  /** Where the values of {@code model} keys stand, in the order of the body. */
  static final class Places {

    private int[] bounds = new int[2];
    private int used;

    void add(int start, int end) {
      if (used == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * used);
      }
      bounds[used++] = start;
      bounds[used++] = end;
    }
  }

  private final Places places;
  private final int bodyStart;

  ModelRewriter(Places places, int bodyStart) {
    this.places = places;
    this.bodyStart = bodyStart;
  }

  @Override
  public ByteString apply(ByteString body, String model) {
    String value = JsonQuote.quoted(model);
    return switch (places.used) {
      case 0 -> insert(body, value);
      case 2 ->
          body.substring(0, places.bounds[0])
              .concat(ByteString.copyFromUtf8(value))
              .concat(body.substring(places.bounds[1]));
      default -> replaceAll(body, ByteString.copyFromUtf8(value));
    };
  }

  private ByteString insert(ByteString body, String value) {
    int inside = bodyStart + 1;
    String separator = isEmptyObject(body, inside) ? "" : ",";
    return body.substring(0, inside)
        .concat(ByteString.copyFromUtf8("\"model\":" + value + separator))
        .concat(body.substring(inside));
  }

  private static boolean isEmptyObject(ByteString body, int inside) {
    int i = inside;
    while (body.byteAt(i) <= ' ' && body.byteAt(i) >= 0) {
      i++;
    }
    return body.byteAt(i) == '}';
  }

  /** Copies once, where a rope of many pieces would be slow to read. */
  private ByteString replaceAll(ByteString body, ByteString value) {
    byte[] bytes = body.toByteArray();
    ByteString.Output output = ByteString.newOutput(bytes.length + value.size());
    int copied = 0;
    for (int i = 0; i < places.used; i += 2) {
      output.write(bytes, copied, places.bounds[i] - copied);
      writeTo(output, value);
      copied = places.bounds[i + 1];
    }
    output.write(bytes, copied, bytes.length - copied);
    return output.toByteString();
  }

  private static void writeTo(ByteString.Output output, ByteString value) {
    for (int i = 0; i < value.size(); i++) {
      output.write(value.byteAt(i));
    }
  }
}
