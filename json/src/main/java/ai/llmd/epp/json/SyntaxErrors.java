package ai.llmd.epp.json;

/**
 * Texts of syntax errors, worded as Go's {@code encoding/json} words them because clients of the
 * reference have seen those. They quote one character of the body at most.
 */
final class SyntaxErrors {

  static final String UNEXPECTED_END = "unexpected end of JSON input";
  static final String TOO_DEEP = "exceeded max depth";

  private SyntaxErrors() {}

  /**
   * @param context where the character does not belong, such as "after array element"
   */
  static String invalidCharacter(byte character, String context) {
    return "invalid character " + quoted(character & 0xFF) + " " + context;
  }

  private static String quoted(int c) {
    return switch (c) {
      case '\'' -> "'\\''";
      case '\\' -> "'\\\\'";
      case 0x07 -> "'\\a'";
      case '\b' -> "'\\b'";
      case '\f' -> "'\\f'";
      case '\n' -> "'\\n'";
      case '\r' -> "'\\r'";
      case '\t' -> "'\\t'";
      case 0x0B -> "'\\v'";
      default -> "'" + printable(c) + "'";
    };
  }

  private static String printable(int c) {
    if (c < ' ' || c == 0x7F) {
      return "\\x%02x".formatted(c);
    }
    boolean isHidden = (c >= 0x80 && c <= 0xA0) || c == 0xAD;
    return isHidden ? "\\u%04x".formatted(c) : String.valueOf((char) c);
  }
}
