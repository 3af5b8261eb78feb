package ai.llmd.epp.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON string where it stands in a body: decoded when written, measured when it was scanned.
 *
 * <p>Without escapes and invalid UTF-8, which is how nearly all long texts without line breaks
 * arrive, the body's own bytes are the text. Open for a subclass that hands the text on in a form
 * of its own without another object around it.
 */
public class JsonString {

  /** What a missing or null string reads as. */
  public static final JsonString EMPTY = new JsonString();

  /** The text in which the string stands; not copied. */
  protected final byte[] body;

  /** First byte after the opening quote. */
  protected final int start;

  /** Place of the closing quote. */
  protected final int end;

  /** Whether the bytes from {@code start} to {@code end} are the decoded string. */
  protected final boolean isVerbatim;

  private final int byteLength;

  /**
   * @param start first byte after the opening quote
   * @param end the closing quote
   * @param byteLength length once decoded
   * @param isVerbatim the span decodes to itself
   */
  JsonString(byte[] body, int start, int end, int byteLength, boolean isVerbatim) {
    this.body = body;
    this.start = start;
    this.end = end;
    this.byteLength = byteLength;
    this.isVerbatim = isVerbatim;
  }

  /** The string that the scanner has just {@linkplain JsonScanner#scanText() read}. */
  protected JsonString(JsonScanner json) {
    this(json.bytes, json.textStart, json.textEnd, json.textBytes, json.isTextVerbatim);
  }

  /** An empty string, standing nowhere. */
  protected JsonString() {
    this(new byte[0], 0, 0, 0, true);
  }

  /** Length of the decoded string in bytes. */
  public final int byteLength() {
    return byteLength;
  }

  /** Whether there is nothing in the string. */
  public final boolean isEmpty() {
    return byteLength == 0;
  }

  /** Writes the decoded string; the caller flushes. */
  protected final void decodeTo(Utf8Output output) {
    int runStart = start;
    int i = start;
    while (!output.isFull() && (i = StringSyntax.plainEnd(body, i, end)) < end) {
      int width = body[i] < 0 ? StringSyntax.utf8Width(body, i, end) : 1;
      if (width > 1) {
        i += width;
        continue;
      }
      output.bytes(body, runStart, i);
      int codePoint = StringSyntax.REPLACEMENT;
      if (body[i] == '\\') {
        codePoint = StringSyntax.escaped(body, i, end);
        width = StringSyntax.escapeWidth(body, i, codePoint);
      }
      output.codePoint(codePoint);
      i += width;
      runStart = i;
    }
    output.bytes(body, runStart, end);
  }

  /** Whether the decoded text is exactly this ASCII text. */
  public final boolean contentEquals(String ascii) {
    return byteLength == ascii.length() && startsWith(ascii);
  }

  /** Whether the decoded text starts with this ASCII text. */
  public final boolean startsWith(String ascii) {
    if (!isVerbatim) {
      return beginning(ascii.length()).startsWith(ascii);
    }
    if (byteLength < ascii.length()) {
      return false;
    }
    for (int i = 0; i < ascii.length(); i++) {
      if (body[start + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The decoded text. For short ones such as names; a prompt is never made a string. */
  public final String content() {
    return new String(decoded(), StandardCharsets.UTF_8);
  }

  /**
   * The decoded text, or the first of its bytes. For what should be short, such as a name, and is
   * as long as its writer likes: invalid bytes become three of UTF-8, and then two more each.
   */
  public final String beginning(int maxBytes) {
    return new String(decoded(maxBytes), StandardCharsets.UTF_8);
  }

  final byte[] decoded() {
    return decoded(byteLength);
  }

  private byte[] decoded(int maxBytes) {
    int length = Math.min(byteLength, maxBytes);
    if (isVerbatim) {
      return Arrays.copyOfRange(body, start, start + length);
    }
    ArrayOutput output = new ArrayOutput(length);
    decodeTo(output);
    output.flush();
    return output.bytes;
  }

  /** Shows how long the string is, never its content. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + "[" + byteLength + " bytes]";
  }

  /** Takes as many bytes as it was made for. */
  private static final class ArrayOutput extends Utf8Output {

    private final byte[] bytes;
    private int used;

    ArrayOutput(int length) {
      super(length);
      bytes = new byte[length];
    }

    @Override
    protected boolean isFull() {
      return used == bytes.length;
    }

    @Override
    protected void write(byte[] source, int offset, int length) {
      int taken = Math.min(length, bytes.length - used);
      System.arraycopy(source, offset, bytes, used, taken);
      used += taken;
    }
  }
}
