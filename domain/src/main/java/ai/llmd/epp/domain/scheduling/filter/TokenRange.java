package ai.llmd.epp.domain.scheduling.filter;

import org.jspecify.annotations.Nullable;

/**
 * A range of token counts.
 *
 * @param min 0 or more
 * @param max {@code min} or more; included
 */
record TokenRange(long min, long max) {

  private static final long UNREADABLE = -1;

  /** Reads {@code min-max}, with white space around the numbers allowed; null for anything else. */
  static @Nullable TokenRange parse(String text) {
    int dash = text.indexOf('-');
    if (dash < 0) {
      return null;
    }
    long min = number(text, 0, dash);
    long max = number(text, dash + 1, text.length());
    return min == UNREADABLE || max < min ? null : new TokenRange(min, max);
  }

  /** How far a count is outside; 0 inside. */
  long distance(long tokens) {
    return tokens < min ? min - tokens : Math.max(0, tokens - max);
  }

  /** Runs for every candidate of every request, hence without substrings and exceptions. */
  private static long number(String text, int from, int to) {
    int start = from;
    while (start < to && Character.isWhitespace(text.charAt(start))) {
      start++;
    }
    int end = to;
    while (end > start && Character.isWhitespace(text.charAt(end - 1))) {
      end--;
    }
    if (end - start > 1 && text.charAt(start) == '+') {
      start++;
    }
    long number = start == end ? UNREADABLE : 0;
    for (int i = start; i < end; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || number > (Long.MAX_VALUE - digit) / 10) {
        return UNREADABLE;
      }
      number = 10 * number + digit;
    }
    return number;
  }
}
