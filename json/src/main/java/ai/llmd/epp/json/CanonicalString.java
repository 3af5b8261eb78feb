package ai.llmd.epp.json;

/** A JSON string decoded and encoded again, as Go's {@code encoding/json} would. */
final class CanonicalString {

  private CanonicalString() {}

  /** Writes the string whose inside lies between two places, with its quotes. */
  static void write(byte[] body, int start, int end, Utf8Output output) {
    output.ascii('"');
    int runStart = start;
    int i = start;
    while ((i = StringSyntax.canonicalEnd(body, i, end)) < end) {
      int codePoint = body[i];
      int width = 1;
      if (codePoint == '\\') {
        if ("\"\\bfnrt".indexOf(body[i + 1]) >= 0) { // written as it was read
          i += 2;
          continue;
        }
        codePoint = StringSyntax.escaped(body, i, end);
        width = StringSyntax.escapeWidth(body, i, codePoint);
      } else if (codePoint < 0) {
        width = StringSyntax.utf8Width(body, i, end);
        if (width > 1 && !isLineSeparator(body, i, width)) {
          i += width;
          continue;
        }
        codePoint = width == 1 ? StringSyntax.REPLACEMENT : 0x2000 | (body[i + 2] & 0x3F);
      }
      output.bytes(body, runStart, i);
      encode(codePoint, output);
      i += width;
      runStart = i;
    }
    output.bytes(body, runStart, end);
    output.ascii('"');
  }

  /** U+2028 or U+2029: E2 80 A8 or E2 80 A9. */
  static boolean isLineSeparator(byte[] body, int i, int available) {
    return available >= 3
        && body[i] == (byte) 0xE2
        && body[i + 1] == (byte) 0x80
        && (body[i + 2] & 0xFE) == 0xA8;
  }

  private static void encode(int codePoint, Utf8Output output) {
    switch (codePoint) {
      case '"', '\\' -> escape(codePoint, output);
      case '\b' -> escape('b', output);
      case '\f' -> escape('f', output);
      case '\n' -> escape('n', output);
      case '\r' -> escape('r', output);
      case '\t' -> escape('t', output);
      case '<', '>', '&', 0x2028, 0x2029 -> output.unicodeEscape(codePoint);
      default -> {
        if (codePoint < ' ') {
          output.unicodeEscape(codePoint);
        } else {
          output.codePoint(codePoint);
        }
      }
    }
  }

  private static void escape(int character, Utf8Output output) {
    output.ascii('\\');
    output.ascii(character);
  }
}
