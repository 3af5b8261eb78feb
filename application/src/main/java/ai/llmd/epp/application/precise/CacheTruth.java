package ai.llmd.epp.application.precise;

import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth;
import ai.llmd.epp.application.port.out.kvcache.KvCacheTruth.Cause;
import ai.llmd.epp.domain.routing.Usage;

/*
 * An engine computes at least the last token of a prompt, so that of a prompt that is cached in whole it reports a block less. What
 * was sent a moment before, and is not announced yet, makes it report more: one response proves little, half of the latest do.
 *
 * A prompt of which nothing was predicted and nothing was cached agrees whatever is wrong, and counts for no verdict. Nor does a
 * count of tokens that differs by itself: a template that differs in its last tokens only spoils no match.
 */
/** Compares what was predicted of prompts with what engines report. Any thread. */
final class CacheTruth {

  /** Responses that a verdict rests on. */
  static final int WINDOW = 64;

  /** Responses from which a cause is named. */
  static final int MIN_TO_NAME = 16;

  /** Responses from which predictions may be distrusted. */
  static final int MIN_TO_JUDGE = 8;

  /** So many in a row that agree, and predictions are trusted again. */
  static final int AGREEING_TO_TRUST = 16;

  private static final int MIN_TO_DOUBT = 2;

  // what came of a comparison: places in the counts, and the lowest bits of an entry
  private static final int AGREED = 0;
  private static final int FEWER = 1;
  private static final int MORE = 2;
  private static final int OTHER_TOKENS = 3;
  private static final int OUTCOMES = 4;

  // the other bits of an entry
  private static final int PREDICTED = 4;
  private static final int INFORMATIVE = 8;
  private static final int DISAGREEING = 16;
  private static final int OTHER_WITHOUT_TEMPLATE = 32;

  private final int[] latest = new int[WINDOW]; // guarded by this, as all below
  private final long[] totals = new long[OUTCOMES];
  private final int[] recent = new int[OUTCOMES];
  private int predicted;
  private int informative;
  private int disagreeing;
  private int otherWithoutTemplate;
  private int kept;
  private int next;
  private int agreeingInARow;
  private boolean isDistrusted;

  /**
   * Compares one response.
   *
   * @param cachedTokens that were predicted
   * @param promptTokens that were counted here
   * @param isTemplated whether a chat template made the prompt
   * @param usage which reports cached tokens
   */
  synchronized void compare(
      long cachedTokens, long promptTokens, int blockTokens, boolean isTemplated, Usage usage) {
    long most = (promptTokens - 1) / blockTokens * blockTokens;
    long difference = usage.cachedTokens() - Math.min(cachedTokens, most);
    boolean isDifferent = Math.abs(difference) > blockTokens;
    boolean isOther = usage.promptTokens() != promptTokens;
    int outcome = AGREED;
    if (isOther) {
      outcome = OTHER_TOKENS;
    } else if (isDifferent) {
      outcome = difference < 0 ? FEWER : MORE;
    }
    totals[outcome]++;
    boolean isInformative = cachedTokens > 0 || usage.cachedTokens() > 0;
    if (isInformative || isOther) {
      keep(
          outcome
              | (cachedTokens > 0 ? PREDICTED : 0)
              | (isInformative ? INFORMATIVE : 0)
              | (isDifferent ? DISAGREEING : 0)
              | (isOther && !isTemplated ? OTHER_WITHOUT_TEMPLATE : 0));
      if (isInformative) {
        judge(isDifferent);
      }
    }
  }

  private void keep(int entry) {
    if (kept == WINDOW) {
      count(latest[next], -1);
    } else {
      kept++;
    }
    latest[next] = entry;
    next = (next + 1) % WINDOW;
    count(entry, 1);
  }

  private void count(int entry, int change) {
    recent[entry & OTHER_TOKENS] += change;
    predicted += (entry & PREDICTED) != 0 ? change : 0;
    informative += (entry & INFORMATIVE) != 0 ? change : 0;
    disagreeing += (entry & DISAGREEING) != 0 ? change : 0;
    otherWithoutTemplate += (entry & OTHER_WITHOUT_TEMPLATE) != 0 ? change : 0;
  }

  private void judge(boolean isDifferent) {
    agreeingInARow = isDifferent ? 0 : agreeingInARow + 1;
    if (isDistrusted) {
      if (agreeingInARow >= AGREEING_TO_TRUST) {
        isDistrusted = false;
        forget();
      }
    } else {
      isDistrusted = informative >= MIN_TO_JUDGE && 2 * disagreeing > informative;
    }
  }

  /** What was wrong is over: it is no reason for the next verdict. */
  private void forget() {
    kept = 0;
    next = 0;
    recent[AGREED] = 0;
    recent[FEWER] = 0;
    recent[MORE] = 0;
    recent[OTHER_TOKENS] = 0;
    predicted = 0;
    informative = 0;
    disagreeing = 0;
    otherWithoutTemplate = 0;
  }

  /** Whether predictions are not to be followed. */
  synchronized boolean isDistrusted() {
    return isDistrusted;
  }

  /** Whether predictions may come to be distrusted soon. */
  synchronized boolean isDoubted() {
    return isDistrusted || (informative >= MIN_TO_DOUBT && 4 * disagreeing > informative);
  }

  /** Whether enough was compared for a verdict. */
  synchronized boolean hasVerdict() {
    return isDistrusted || informative >= MIN_TO_JUDGE;
  }

  synchronized KvCacheTruth now() {
    return new KvCacheTruth(
        totals[AGREED], totals[FEWER], totals[MORE], totals[OTHER_TOKENS], !isDistrusted, cause());
  }

  private Cause cause() {
    if (kept < MIN_TO_NAME) {
      return Cause.NONE;
    }
    if (2 * recent[OTHER_TOKENS] > kept) {
      return otherWithoutTemplate == 0 ? Cause.TEMPLATE : Cause.TOKENS;
    }
    if (2 * recent[FEWER] > kept) {
      return Cause.STALE;
    }
    if (2 * recent[MORE] > kept) {
      return predicted == 0 ? Cause.HASHES : Cause.INCOMPLETE;
    }
    return Cause.NONE;
  }
}
