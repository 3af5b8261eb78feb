package ai.llmd.epp.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/** Chat requests as agents send them: a long shared beginning, and an end of their own. */
final class Bodies {

  private final String model;
  private final boolean isStreaming;
  private final String[] prefixes;
  private final int uniqueChars;

  /**
   * @param groups number of distinct beginnings
   * @param prefixChars length of a beginning
   * @param uniqueChars length of the end
   */
  Bodies(
      String model,
      boolean isStreaming,
      int groups,
      int prefixChars,
      int uniqueChars,
      Random random) {
    this.model = model;
    this.isStreaming = isStreaming;
    this.prefixes = new String[groups];
    this.uniqueChars = uniqueChars;
    for (int i = 0; i < groups; i++) {
      prefixes[i] = words(random, prefixChars);
    }
  }

  /** One chat of about this many bytes, two thirds of them shared with others. */
  static byte[] chat(int bytes) {
    Random random = new Random(7);
    return new Bodies("m", true, 1, bytes * 2 / 3, bytes / 3, random).next(random);
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
            + words(random, uniqueChars)
            + "\"}]}";
    return body.getBytes(StandardCharsets.UTF_8);
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
