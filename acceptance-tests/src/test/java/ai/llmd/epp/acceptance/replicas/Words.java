package ai.llmd.epp.acceptance.replicas;

import java.util.Random;

/**
 * Text of words of three letters, for which pickers, that estimate four characters a token, and
 * simulators, that count words, agree on the number of tokens.
 */
final class Words {

  private Words() {}

  /** The same for the same seed; texts of two seeds differ from the first words on. */
  static String text(long seed, int tokens) {
    var random = new Random(seed);
    var text = new StringBuilder(4 * tokens);
    for (int token = 0; token < tokens; token++) {
      for (int letter = 0; letter < 3; letter++) {
        text.append((char) ('a' + random.nextInt(26)));
      }
      text.append(' ');
    }
    return text.toString();
  }
}
