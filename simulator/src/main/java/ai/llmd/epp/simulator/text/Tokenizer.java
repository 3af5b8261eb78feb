package ai.llmd.epp.simulator.text;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Cuts text into pieces without a vocabulary: a word, or one other character, with the white space
 * behind it. The id of a piece is the 32-bit FNV-1a hash of its UTF-8 bytes, as in the reference
 * simulator.
 *
 * <p>Words and white space are cut after {@value #MAX_RUN} bytes, because a model has no token for
 * a word of a thousand letters, and a character beyond ASCII is a piece of its own. Pieces are
 * found from left to right without looking back, so text made of whole pieces is cut into the same
 * pieces again.
 */
public final class Tokenizer {

  private static final int MAX_RUN = 16;
  private static final int FNV_OFFSET = 0x811C9DC5;
  private static final int FNV_PRIME = 0x01000193;

  private Tokenizer() {}

  /** Adds the token ids of a text. */
  public static void tokenize(String text, TokenList ids) {
    byte[] utf8 = text.getBytes(UTF_8);
    for (int start = 0; start < utf8.length; ) {
      int end = endOfPiece(utf8, start);
      ids.add(hash(utf8, start, end));
      start = end;
    }
  }

  /** The token ids of a text, and where each token is in it. */
  public static TokenizedText tokenize(String text) {
    byte[] utf8 = text.getBytes(UTF_8);
    TokenList ids = new TokenList();
    TokenList ends = new TokenList();
    for (int start = 0; start < utf8.length; ) {
      int end = endOfPiece(utf8, start);
      ids.add(hash(utf8, start, end));
      ends.add(end);
      start = end;
    }
    return new TokenizedText(utf8, ids.toArray(), ends.toArray());
  }

  /** The id of a marker that is one token whatever it looks like. */
  public static int marker(String marker) {
    byte[] utf8 = marker.getBytes(UTF_8);
    return hash(utf8, 0, utf8.length);
  }

  private static int endOfPiece(byte[] utf8, int start) {
    int end = start;
    if (isWordByte(utf8[start])) {
      int limit = Math.min(utf8.length, start + MAX_RUN);
      while (end < limit && isWordByte(utf8[end])) {
        end++;
      }
    } else if (!isSpace(utf8[start])) {
      end = endOfCharacter(utf8, start);
    }
    int limit = Math.min(utf8.length, end + MAX_RUN);
    while (end < limit && isSpace(utf8[end])) {
      end++;
    }
    return end;
  }

  private static int endOfCharacter(byte[] utf8, int start) {
    int end = start + 1;
    while (end < utf8.length && (utf8[end] & 0xC0) == 0x80) { // continuation bytes
      end++;
    }
    return end;
  }

  private static boolean isWordByte(byte b) {
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_';
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || (b >= '\t' && b <= '\r');
  }

  private static int hash(byte[] utf8, int start, int end) {
    int hash = FNV_OFFSET;
    for (int i = start; i < end; i++) {
      hash = (hash ^ (utf8[i] & 0xFF)) * FNV_PRIME;
    }
    return hash;
  }
}
