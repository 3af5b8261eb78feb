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
}
