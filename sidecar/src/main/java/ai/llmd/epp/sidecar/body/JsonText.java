package ai.llmd.epp.sidecar.body;

import static java.nio.charset.StandardCharsets.UTF_8;

/** JSON values as text. */
public final class JsonText {

  private static final byte[] NULL = "null".getBytes(UTF_8);

  private JsonText() {}

  /** A string with its quotes. */
  public static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> quoted.append("\\\"");
        case '\\' -> quoted.append("\\\\");
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c < ' ') {
            quoted.append(String.format("\\u%04x", (int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  public static byte[] string(String text) {
    return quoted(text).getBytes(UTF_8);
  }

  public static byte[] number(long value) {
    return Long.toString(value).getBytes(UTF_8);
  }

  public static byte[] bool(boolean value) {
    return Boolean.toString(value).getBytes(UTF_8);
  }

  public static byte[] nothing() {
    return NULL.clone();
  }
}
