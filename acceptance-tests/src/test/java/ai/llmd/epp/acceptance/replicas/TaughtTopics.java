package ai.llmd.epp.acceptance.replicas;

import ai.llmd.epp.acceptance.stack.Prompt;
import ai.llmd.epp.acceptance.stack.SteadyLoad.Asked;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Topics that are asked about twice: an even request is the first about its topic, the odd one
 * after it the second about a topic of some time ago. The second one finds the prompt cached if
 * whoever decides it knows where the first one went.
 *
 * @param series sets the topics apart from those of other series, which may still be cached
 * @param lag requests from the first question about a topic to the second, even; thirty more or
 *     less
 */
record TaughtTopics(int series, int lag) implements LongFunction<Prompt> {

  private static final int TOPIC_TOKENS = 640;

  /**
   * The places of topics that are asked about again in another order. The gateway's workers take
   * pickers in turns, and pickers that know nothing take servers in turns, so at a distance that is
   * always the same, or one of a few, both may always be the same, and nobody need be told.
   */
  private static final int[] SHUFFLED = {10, 4, 15, 1, 8, 12, 0, 5, 13, 3, 9, 14, 6, 2, 11, 7};

  TaughtTopics {
    if (lag < 2 * SHUFFLED.length || lag % 2 != 0) {
      throw new IllegalArgumentException("lag must be even, 32 or more, was " + lag);
    }
  }

  @Override
  public Prompt apply(long number) {
    long topic = isSecond(number) ? firstOf(number) : number;
    long seed = ((long) series << Integer.SIZE) + topic;
    return new Prompt(Words.text(seed, TOPIC_TOKENS), "What of it?", 20);
  }

  private boolean isSecond(long number) {
    return number % 2 == 1 && number - 1 - lag >= 0;
  }

  private long firstOf(long second) {
    long place = (second - 1 - lag) / 2;
    int withinBlock = (int) (place % SHUFFLED.length);
    return 2 * (place - withinBlock + SHUFFLED[withinBlock]);
  }

  /** The answers to second questions. */
  List<Asked> seconds(List<Asked> answered) {
    return answered.stream().filter(asked -> isSecond(asked.number())).toList();
  }

  /** Second questions whose first one was sent at this instant or later. */
  List<Asked> secondsTaughtSince(long nanos, List<Asked> answered) {
    long first =
        answered.stream()
            .filter(asked -> asked.sentAtNanos() - nanos >= 0)
            .mapToLong(Asked::number)
            .min()
            .orElse(Long.MAX_VALUE);
    return seconds(answered).stream().filter(asked -> firstOf(asked.number()) >= first).toList();
  }

  /** Whether a second question was decided without knowing about the first. */
  static boolean isMiss(Asked second) {
    return !second.hasFailed() && second.cachedTokens() < TOPIC_TOKENS / 2;
  }
}
