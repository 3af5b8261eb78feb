package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.flow.Room;

/**
 * What requests that pass read without a lock.
 *
 * @param priorities of all bands, descending
 * @param rooms how much may be queued in each band while nothing is queued in this replica: who
 *     passes found nothing queued
 * @param countsService whether a fairness policy counts what flows were served
 */
@SuppressWarnings("ArrayRecordComponent") // replaced as a whole, and only read
record PublishedRules(FlowRules rules, int[] priorities, Room[] rooms, boolean countsService) {

  private static final int BAND_OF_OTHERS = 0;

  /** The place of the band of a priority: its own if there is one, else that of priority 0. */
  int placeOf(int priority) {
    int others = 0;
    for (int i = 0; i < priorities.length; i++) {
      if (priorities[i] == priority) {
        return i;
      }
      if (priorities[i] == BAND_OF_OTHERS) {
        others = i;
      }
    }
    return others;
  }
}
