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

  // what came of a comparison: places in the counts
  private static final int AGREED = 0;
  private static final int FEWER = 1;
  private static final int MORE = 2;
  private static final int OTHER_TOKENS = 3;
  private static final int OUTCOMES = 4;

  private final int[] latest = new int[WINDOW]; // guarded by this, as all below
  private final long[] totals = new long[OUTCOMES];
  private final int[] recent = new int[OUTCOMES];
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
    int outcome = outcome(cachedTokens, promptTokens, blockTokens, usage);
    int at = (int) (compared % WINDOW);
    if (compared >= WINDOW) {
      recent[latest[at]]--;
      predicted -= wasPredicted[at] ? 1 : 0;
    }
    latest[at] = outcome;
    wasPredicted[at] = cachedTokens > 0;
    predicted += cachedTokens > 0 ? 1 : 0;
    recent[outcome]++;
    totals[outcome]++;
    compared++;
  }

  private static int outcome(long cachedTokens, long promptTokens, int blockTokens, Usage usage) {
    if (usage.promptTokens() != promptTokens) {
      return OTHER_TOKENS;
    }
    long most = (promptTokens - 1) / blockTokens * blockTokens;
    long difference = usage.cachedTokens() - Math.min(cachedTokens, most);
    if (Math.abs(difference) <= blockTokens) {
      return AGREED;
    }
    return difference < 0 ? FEWER : MORE;
  }

  synchronized KvCacheTruth now() {
    return new KvCacheTruth(
        totals[AGREED], totals[FEWER], totals[MORE], totals[OTHER_TOKENS], cause());
  }

  private Cause cause() {
    int window = (int) Math.min(compared, WINDOW);
    if (window < MIN_COMPARED) {
      return Cause.NONE;
    }
    if (2 * recent[OTHER_TOKENS] > window) {
      return Cause.TOKENS;
    }
    if (2 * recent[FEWER] > window) {
      return Cause.STALE;
    }
    if (2 * recent[MORE] > window) {
      return predicted == 0 ? Cause.HASHES : Cause.INCOMPLETE;
    }
    return Cause.NONE;
  }
}
