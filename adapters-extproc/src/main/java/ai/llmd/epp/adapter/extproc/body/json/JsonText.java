package ai.llmd.epp.adapter.extproc.body.json;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A JSON string where it stands in a body: decoded when written, measured when it was scanned.
 *
 * <p>Without escapes and invalid UTF-8, which is how nearly all long texts without line breaks
 * arrive, the body's own bytes are written in one piece.
 */
public final class JsonText implements Utf8Text {

  /** What a missing or null string reads as. */
  public static final JsonText EMPTY = new JsonText(new byte[0], 0, 0, 0, true);

  private final byte[] body;
  private final int start;
  private final int end;
  private final int byteLength;
  private final boolean isVerbatim;

  /**
   * @param start first byte after the opening quote
   * @param end the closing quote
   * @param byteLength length once decoded
   * @param isVerbatim the span decodes to itself
   */
  JsonText(byte[] body, int start, int end, int byteLength, boolean isVerbatim) {
    this.body = body;
    this.start = start;
    this.end = end;
    this.byteLength = byteLength;
    this.isVerbatim = isVerbatim;
  }

  @Override
  public int byteLength() {
    return byteLength;
  }

  public boolean isEmpty() {
    return byteLength == 0;
  }

  @Override
  public void writeTo(ByteSink sink) {
    if (isVerbatim) {
      sink.write(body, start, end - start);
    } else {
      Utf8Output output = new Utf8Output(sink, byteLength);
      decodeTo(output);
      output.flush();
    }
  }

  private void decodeTo(Utf8Output output) {
    int runStart = start;
    int i = start;
    while ((i = StringSyntax.plainEnd(body, i, end)) < end) {
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
  public boolean contentEquals(String ascii) {
    return byteLength == ascii.length() && startsWith(ascii);
  }

  /** Whether the decoded text starts with this ASCII text. */
  public boolean startsWith(String ascii) {
    if (!isVerbatim) {
      return content().startsWith(ascii);
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
  public String content() {
    return new String(decoded(), StandardCharsets.UTF_8);
  }

  byte[] decoded() {
    if (isVerbatim) {
      return Arrays.copyOfRange(body, start, end);
    }
    byte[] decoded = new byte[byteLength];
    int[] used = {0};
    writeTo(
        (bytes, offset, length) -> {
          System.arraycopy(bytes, offset, decoded, used[0], length);
          used[0] += length;
        });
    return decoded;
  }

  /** Says how long the text is, never what it says. */
  @Override
  public String toString() {
    return "JsonText[" + byteLength + " bytes]";
  }
}
