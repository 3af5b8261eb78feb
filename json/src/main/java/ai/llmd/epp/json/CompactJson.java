package ai.llmd.epp.json;

/**
 * A JSON value of a body without its white space and with {@code <}, {@code >}, {@code &}, U+2028
 * and U+2029 escaped, but otherwise as the client wrote it: order of keys, numbers and escapes stay
 * (Go's {@code json.RawMessage} inside an encoded value).
 */
public final class CompactJson {

  private CompactJson() {}

  /** Writes the value between two places; it must have been scanned and found valid. */
  public static void write(byte[] body, int start, int end, Utf8Output output) {
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
  }
}
