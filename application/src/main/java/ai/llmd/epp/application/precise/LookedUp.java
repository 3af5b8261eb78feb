package ai.llmd.epp.application.precise;

/**
 * What was looked up for a request.
 *
 * @param predicted leading blocks that each endpoint holds by its own reports, by slot
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record LookedUp(PromptKeys keys, int[] predicted) {

  int predicted(int slot) {
    return slot < predicted.length ? predicted[slot] : 0;
  }
}
