package ai.llmd.epp.adapter.extproc.body.json;

import ai.llmd.epp.domain.request.ByteSink;
import ai.llmd.epp.domain.request.Utf8Text;

/**
 * A JSON value of a body without its white space and with {@code <}, {@code >}, {@code &}, U+2028
 * and U+2029 escaped, but otherwise as the client wrote it: order of keys, numbers and escapes stay
 * (Go's {@code json.RawMessage} inside an encoded value).
 */
public final class CompactJson implements Utf8Text {

  private final byte[] body;
  private final int start;
  private final int end;
  private int byteLength = -1; // counted when asked for; two threads would count the same

  /** The value between two places of a body; it must have been scanned and found valid. */
  public CompactJson(byte[] body, int start, int end) {
    this.body = body;
    this.start = start;
    this.end = end;
  }

  @Override
  public int byteLength() {
    if (byteLength < 0) {
      ByteTally tally = new ByteTally();
      writeTo(tally);
      byteLength = tally.bytes();
    }
    return byteLength;
  }

  @Override
  public void writeTo(ByteSink sink) {
    Utf8Output output = new Utf8Output(sink, end - start);
    boolean isInString = false;
    for (int i = start; i < end; i++) {
      byte b = body[i];
      if (b == '"') {
        isInString = !isInString;
      }
      if (b == '<' || b == '>' || b == '&') {
        output.unicodeEscape(b);
      } else if (CanonicalString.isLineSeparator(body, i, end - i)) {
        output.unicodeEscape(0x2000 | (body[i + 2] & 0x3F));
        i += 2;
      } else if (isInString || b > ' ' || b < 0) {
        output.ascii(b);
        if (b == '\\') {
          output.ascii(body[++i]); // a quote behind it ends nothing
        }
      }
    }
    output.flush();
  }

  /** Says how long the value is in the body, never what it says. */
  @Override
  public String toString() {
    return "CompactJson[of " + (end - start) + " bytes]";
  }
}
