package ai.llmd.epp.adapter.metrics.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The alphabet of the Prometheus text format: names, blanks, words and escapes, as bytes. */
final class Bytes {

  private static final byte NAME_START = 1;
  private static final byte NAME = 2;
  private static final byte LABEL = 4;
  private static final byte SAMPLE_END = 8;
  private static final byte BLANK = 16;

  private static final byte[] CLASS = classes();

  private Bytes() {}

  private static byte[] classes() {
    byte[] classes = new byte[256];
    mark(classes, NAME_START | NAME, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:");
    mark(classes, LABEL, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    mark(classes, NAME | LABEL | SAMPLE_END, "0123456789");
    mark(classes, SAMPLE_END, ".fFnNyY"); // 5. Inf NaN Infinity
    mark(classes, BLANK, " \t");
    return classes;
  }

  private static void mark(byte[] classes, int mark, String characters) {
    for (byte c : characters.getBytes(UTF_8)) {
      classes[c] |= (byte) mark;
    }
  }

  private static boolean is(byte c, byte mark) {
    return (CLASS[c & 0xFF] & mark) != 0;
  }

  static boolean startsName(byte c) {
    return is(c, NAME_START);
  }

  /** Whether a value or a timestamp can end with this byte. */
  static boolean mayEndSample(byte c) {
    return is(c, SAMPLE_END);
  }

  static boolean isBlank(byte c) {
    return is(c, BLANK);
  }

  /** The first place that is no blank, at most {@code to}. */
  static int afterBlanks(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && is(bytes[at], BLANK)) {
      at++;
    }
    return at;
  }

  /** The first place that is a blank, at most {@code to}. */
  static int afterWord(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && !is(bytes[at], BLANK)) {
      at++;
    }
    return at;
  }

  /** The end of the metric name that starts here. */
  static int afterName(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && is(bytes[at], NAME)) {
      at++;
    }
    return at;
  }

  /** The end of the label name that starts here; {@code from} when none does. */
  static int afterLabelName(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && is(bytes[at], LABEL)) {
      at++;
    }
    boolean startsWithDigit = at > from && bytes[from] <= '9';
    return startsWithDigit ? from : at;
  }

  /** Whether a word of exactly these four letters starts here. */
  static boolean isWord(byte[] bytes, int from, int to, char a, char b, char c, char d) {
    return to - from >= 4
        && bytes[from] == a
        && bytes[from + 1] == b
        && bytes[from + 2] == c
        && bytes[from + 3] == d
        && (to - from == 4 || is(bytes[from + 4], BLANK));
  }

  static String text(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, UTF_8);
  }

  /** Compares a label value as it stands on the page with a plain one. */
  static boolean equalsUnescaped(byte[] bytes, int from, int to, byte[] plain) {
    int at = from;
    for (byte expected : plain) {
      if (at == to) {
        return false;
      }
      byte c = bytes[at++];
      if (c == '\\') { // every escape is complete: the line has been checked
        c = bytes[at++];
        c = c == 'n' ? (byte) '\n' : c;
      }
      if (c != expected) {
        return false;
      }
    }
    return at == to;
  }
}
