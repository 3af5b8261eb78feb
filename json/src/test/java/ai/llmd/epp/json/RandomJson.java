package ai.llmd.epp.json;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Makes up JSON texts, spaced and escaped in every allowed way, and damages them. */
public final class RandomJson {

  private static final String[] SPACES = {"", "", "", " ", "\n", "\t", "\r\n  "};
  private static final String[] STRING_PIECES = {
    "a",
    "model",
    "messages",
    " ",
    "The quick brown fox jumps over the lazy dog",
    "é",
    "ü",
    "你好",
    "🚀",
    "\u2028",
    "\u2029",
    "<b>&",
    "\\n",
    "\\\"",
    "\\\\",
    "\\/",
    "\\b",
    "\\f",
    "\\r",
    "\\t",
    "\\u0041",
    "\\u00e9",
    "\\u4f60",
    "\\ud83d\\ude80",
    "\\u001f",
    "\\u2028",
    "\u007f",
    "\u0080"
  };
  private static final String[] NUMBERS = {
    "0",
    "-0",
    "1",
    "-1",
    "12",
    "4294967295",
    "4294967296",
    "1.0",
    "1.5",
    "-0.25",
    "1e2",
    "1E+2",
    "1e-9",
    "1e21",
    "123456789012345678901234567890",
    "0.1",
    "1e-7",
    "9007199254740993"
  };

  private final Random random;

  public RandomJson(long seed) {
    this.random = new Random(seed);
  }

  /** A valid text. */
  public String next() {
    StringBuilder json = new StringBuilder();
    value(json, 0);
    return json.toString();
  }

  private void value(StringBuilder json, int depth) {
    space(json);
    switch (random.nextInt(depth > 5 ? 5 : 8)) {
      case 0, 1 -> string(json);
      case 2 -> json.append(NUMBERS[random.nextInt(NUMBERS.length)]);
      case 3 -> json.append(random.nextInt(1_000_000) * Math.pow(10, random.nextInt(40) - 20));
      case 4 ->
          json.append(random.nextBoolean() ? "true" : random.nextBoolean() ? "false" : "null");
      case 5 -> array(json, depth);
      default -> object(json, depth);
    }
    space(json);
  }

  private void array(StringBuilder json, int depth) {
    json.append('[');
    int elements = random.nextInt(5);
    for (int i = 0; i < elements; i++) {
      json.append(i == 0 ? "" : ",");
      value(json, depth + 1);
    }
    space(json);
    json.append(']');
  }

  private void object(StringBuilder json, int depth) {
    json.append('{');
    int members = random.nextInt(5);
    for (int i = 0; i < members; i++) {
      json.append(i == 0 ? "" : ",");
      space(json);
      string(json);
      space(json);
      json.append(':');
      value(json, depth + 1);
    }
    space(json);
    json.append('}');
  }

  private void string(StringBuilder json) {
    json.append('"');
    int pieces = random.nextInt(6);
    for (int i = 0; i < pieces; i++) {
      json.append(STRING_PIECES[random.nextInt(STRING_PIECES.length)]);
    }
    json.append('"');
  }

  private void space(StringBuilder json) {
    json.append(SPACES[random.nextInt(SPACES.length)]);
  }

  /** The text with a few bytes cut, changed, put in or swapped; often no longer JSON. */
  public byte[] damaged(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      int place = random.nextInt(bytes.length);
      bytes =
          switch (random.nextInt(4)) {
            case 0 -> spliced(bytes, 0, place, 0, 0); // cut off
            case 1 -> spliced(bytes, 0, place, place + 1, bytes.length); // one byte less
            case 2 -> spliced(bytes, 0, place, random.nextInt(place + 1), bytes.length); // doubled
            default -> changed(bytes, place);
          };
    }
    return bytes;
  }

  private byte[] changed(byte[] bytes, int place) {
    String favourites = "{}[]\",:\\utfn-+.eE0123 \n\u0000";
    bytes[place] =
        random.nextBoolean()
            ? (byte) favourites.charAt(random.nextInt(favourites.length()))
            : (byte) random.nextInt(256);
    return bytes;
  }

  private static byte[] spliced(byte[] bytes, int from, int to, int from2, int to2) {
    byte[] spliced = new byte[to - from + to2 - from2];
    System.arraycopy(bytes, from, spliced, 0, to - from);
    System.arraycopy(bytes, from2, spliced, to - from, to2 - from2);
    return spliced;
  }
}
