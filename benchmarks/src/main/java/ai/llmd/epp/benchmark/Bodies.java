package ai.llmd.epp.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Chat requests as agents send them: a long shared beginning, and an end of their own. */
final class Bodies {

  private final String model;
  private final boolean isStreaming;
  private final String[] prefixes;
  private final int uniqueChars;
  private final int maxUniqueChars;

  /**
   * @param groups number of distinct beginnings
   * @param prefixChars length of a beginning
   * @param uniqueChars least length of the end
   * @param maxUniqueChars greatest length of the end; as many are between one length and its double
   *     as between any other
   */
  Bodies(
      String model,
      boolean isStreaming,
      int groups,
      int prefixChars,
      int uniqueChars,
      int maxUniqueChars,
      Random random) {
    this.model = model;
    this.isStreaming = isStreaming;
    this.prefixes = new String[groups];
    this.uniqueChars = uniqueChars;
    this.maxUniqueChars = Math.max(uniqueChars, maxUniqueChars);
    for (int i = 0; i < groups; i++) {
      prefixes[i] = words(random, prefixChars);
    }
  }

  /** One chat of about this many bytes, two thirds of them shared with others. */
  static byte[] chat(int bytes) {
    Random random = new Random(7);
    return new Bodies("m", true, 1, bytes * 2 / 3, bytes / 3, 0, random).next(random);
  }

  /** The next request. Any thread, each with a random of its own. */
  byte[] next(Random random) {
    String prefix = prefixes[random.nextInt(prefixes.length)];
    String body =
        "{\"model\":\""
            + model
            + "\",\"stream\":"
            + isStreaming
            + ",\"messages\":[{\"role\":\"system\",\"content\":\""
            + prefix
            + "\"},{\"role\":\"user\",\"content\":\""
            + words(random, ownChars(random))
            + "\"}]}";
    return body.getBytes(StandardCharsets.UTF_8);
  }

  private int ownChars(Random random) {
    if (maxUniqueChars == uniqueChars) {
      return uniqueChars;
    }
    double doublings = Math.log((double) maxUniqueChars / uniqueChars);
    return (int) (uniqueChars * Math.exp(doublings * random.nextDouble()));
  }

  private static String words(Random random, int chars) {
    StringBuilder words = new StringBuilder(chars + 16);
    while (words.length() < chars) {
      words.append(Integer.toUnsignedString(random.nextInt(), 36)).append(' ');
    }
    words.setLength(chars);
    return words.toString();
  }
}
