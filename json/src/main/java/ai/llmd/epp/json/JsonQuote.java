package ai.llmd.epp.json;

/** Writes a short text as a JSON string. */
public final class JsonQuote {

  private JsonQuote() {}

  /** The text in quotes; quotes, backslashes and control characters escaped. */
  public static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ') {
        json.append("\\u00").append(c < 0x10 ? '0' : '1').append(Character.forDigit(c & 0xF, 16));
      } else {
        json.append(c);
      }
    }
    return json.append('"').toString();
  }

  /**
   * Appends the text in quotes, escaped as Python's {@code json.dumps} does.
   *
   * @param isAscii whether everything beyond ASCII is escaped, too, as it is there by default
   */
  public static void appendPython(StringBuilder json, String text, boolean isAscii) {
    json.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        case '\b' -> json.append("\\b");
        case '\f' -> json.append("\\f");
        default -> {
          if (c < 0x20 || (isAscii && c > 0x7e)) {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    json.append('"');
  }
}
