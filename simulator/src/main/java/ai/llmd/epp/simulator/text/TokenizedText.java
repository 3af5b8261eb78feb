package ai.llmd.epp.simulator.text;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A text that knows its tokens.
 *
 * @param utf8 the text; not copied
 * @param ids token ids; not copied
 * @param ends for each token the index in {@code utf8} behind its last byte; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // large, and never compared
public record TokenizedText(byte[] utf8, int[] ids, int[] ends) {

  /** Number of tokens. */
  public int size() {
    return ids.length;
  }

  /**
   * The text of some tokens.
   *
   * @param from index of the first token
   * @param to index behind the last, at least {@code from}
   */
  public String between(int from, int to) {
    int start = startOf(from);
    return new String(utf8, start, startOf(to) - start, UTF_8);
  }

  private int startOf(int token) {
    return token == 0 ? 0 : ends[token - 1];
  }

  @Override
  public String toString() {
    return "TokenizedText[" + ids.length + " tokens]"; // never the text itself
  }
}
