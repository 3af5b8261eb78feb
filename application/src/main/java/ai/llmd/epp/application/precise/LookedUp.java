package ai.llmd.epp.application.precise;

import ai.llmd.epp.domain.routing.Evidence;

/**
 * What was looked up for a request.
 *
 * @param predicted leading blocks that each endpoint holds by its own reports, by slot
 * @param found a summary
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record LookedUp(PromptKeys keys, int[] predicted, Evidence.Lookup found) {

  /**
   * Sums up what each endpoint's own reports gave.
   *
   * @param matched what counts of the predicted blocks, by slot
   */
  static LookedUp of(PromptKeys keys, int[] predicted, int[] matched) {
    int holders = 0;
    int longest = 0;
    int best = 0;
    for (int slot = 0; slot < predicted.length; slot++) {
      holders += predicted[slot] > 0 ? 1 : 0;
      longest = Math.max(longest, predicted[slot]);
      best = Math.max(best, matched[slot]);
    }
    return new LookedUp(
        keys, predicted, new Evidence.Lookup(keys.blocks(), holders, longest, best));
  }

  int predicted(int slot) {
    return slot < predicted.length ? predicted[slot] : 0;
  }
}
