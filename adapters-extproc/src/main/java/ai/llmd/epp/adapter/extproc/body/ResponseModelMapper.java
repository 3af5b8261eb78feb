package ai.llmd.epp.adapter.extproc.body;

import ai.llmd.epp.json.JsonQuote;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.charset.StandardCharsets;

/**
 * Puts the model's name as the client knows it back into a response: every {@code
 * "model":"<target>"} of a chunk, or else every {@code "model": "<target>"} with one space, becomes
 * the same with the incoming name. No JSON is parsed; a name cut in two by a chunk's end stays.
 *
 * <p>One response, one thread. A chunk without the name is returned as it is, without a copy.
 */
public final class ResponseModelMapper {

  private final ChunkBytes bytes = new ChunkBytes();
  private final byte[] target;
  private final byte[] incoming;
  private final byte[] spacedTarget;
  private final byte[] spacedIncoming;

  /**
   * @param target the name under which the model server answers
   * @param incoming the name that the client used
   */
  public ResponseModelMapper(String target, String incoming) {
    this.target = member("\"model\":", target);
    this.incoming = member("\"model\":", incoming);
    this.spacedTarget = member("\"model\": ", target);
    this.spacedIncoming = member("\"model\": ", incoming);
  }

  private static byte[] member(String key, String name) {
    return (key + JsonQuote.quoted(name)).getBytes(StandardCharsets.UTF_8);
  }

  /** The chunk with the client's name for the model. */
  public ByteString map(ByteString chunk) {
    bytes.open(chunk);
    ByteString mapped = mapOpened(chunk);
    bytes.close();
    return mapped;
  }

  private ByteString mapOpened(ByteString chunk) {
    int first = find(bytes.start(), target);
    if (first >= 0) {
      return replaceAll(first, target, incoming);
    }
    int firstSpaced = find(bytes.start(), spacedTarget);
    return firstSpaced < 0 ? chunk : replaceAll(firstSpaced, spacedTarget, spacedIncoming);
  }

  private int find(int from, byte[] wanted) {
    return ByteSearch.indexOf(bytes.array(), from, bytes.end(), wanted);
  }

  private ByteString replaceAll(int first, byte[] wanted, byte[] replacement) {
    int count = 0;
    for (int i = first; i >= 0; i = find(i + wanted.length, wanted)) {
      count++;
    }
    int size = bytes.end() - bytes.start() + count * (replacement.length - wanted.length);
    byte[] mapped = new byte[size];
    int copied = bytes.start();
    int used = 0;
    for (int i = first; i >= 0; i = find(copied, wanted)) {
      System.arraycopy(bytes.array(), copied, mapped, used, i - copied);
      used += i - copied;
      System.arraycopy(replacement, 0, mapped, used, replacement.length);
      used += replacement.length;
      copied = i + wanted.length;
    }
    System.arraycopy(bytes.array(), copied, mapped, used, bytes.end() - copied);
    return UnsafeByteOperations.unsafeWrap(mapped); // not shared
  }
}
