package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth.Cause;
import ai.llmd.epp.domain.routing.Usage;

/*
 * An engine computes at least the last token of a prompt, so that of a prompt that is cached in whole it reports a block less. What
 * was sent a moment before, and is not announced yet, makes it report more: one response says little, half of the latest do.
 */
/** Compares what was predicted of one endpoint's prompts with what it reports. Any thread. */
final class CacheTruth {

  /** Responses that a cause is read from. */
  static final int WINDOW = 64;

  private static final int MIN_COMPARED = 16;

  private enum Outcome {
    AGREED,
    FEWER,
    MORE,
    OTHER_TOKENS
  }

  private final Outcome[] latest = new Outcome[WINDOW]; // guarded by this, as all below
  private final long[] totals = new long[Outcome.values().length];
  private final int[] recent = new int[Outcome.values().length];
  private final boolean[] wasPredicted = new boolean[WINDOW];
  private int predicted;
  private long compared;

  /**
   * Compares one response.
   *
   * @param cachedTokens that were predicted
   * @param promptTokens that were counted here
   * @param usage which reports cached tokens
   */
  synchronized void compare(long cachedTokens, long promptTokens, int blockTokens, Usage usage) {
    Outcome outcome = outcome(cachedTokens, promptTokens, blockTokens, usage);
    int at = (int) (compared % WINDOW);
    if (compared >= WINDOW) {
      recent[latest[at].ordinal()]--;
      predicted -= wasPredicted[at] ? 1 : 0;
    }
    latest[at] = outcome;
    wasPredicted[at] = cachedTokens > 0;
    predicted += cachedTokens > 0 ? 1 : 0;
    recent[outcome.ordinal()]++;
    totals[outcome.ordinal()]++;
    compared++;
  }

  private static Outcome outcome(
      long cachedTokens, long promptTokens, int blockTokens, Usage usage) {
    if (usage.promptTokens() != promptTokens) {
      return Outcome.OTHER_TOKENS;
    }
    long most = (promptTokens - 1) / blockTokens * blockTokens;
    long difference = usage.cachedTokens() - Math.min(cachedTokens, most);
    if (Math.abs(difference) <= blockTokens) {
      return Outcome.AGREED;
    }
    return difference < 0 ? Outcome.FEWER : Outcome.MORE;
  }

  synchronized KvCacheTruth now() {
    return new KvCacheTruth(
        totals[Outcome.AGREED.ordinal()],
        totals[Outcome.FEWER.ordinal()],
        totals[Outcome.MORE.ordinal()],
        totals[Outcome.OTHER_TOKENS.ordinal()],
        cause());
  }

  private Cause cause() {
    int window = (int) Math.min(compared, WINDOW);
    if (window < MIN_COMPARED) {
      return Cause.NONE;
    }
    if (2 * recent[Outcome.OTHER_TOKENS.ordinal()] > window) {
      return Cause.TOKENS;
    }
    if (2 * recent[Outcome.FEWER.ordinal()] > window) {
      return Cause.STALE;
    }
    if (2 * recent[Outcome.MORE.ordinal()] > window) {
      return predicted == 0 ? Cause.HASHES : Cause.INCOMPLETE;
    }
    return Cause.NONE;
  }
}
