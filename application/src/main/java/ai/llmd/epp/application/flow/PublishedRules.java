package ai.llmd.epp.application.flow;

/**
 * What requests that pass read without a lock.
 *
 * @param priorities of all bands, descending
 */
@SuppressWarnings("ArrayRecordComponent") // replaced as a whole, and only read
record PublishedRules(FlowRules rules, int[] priorities) {

  /** The band of a priority: its own if there is one, else that of priority 0. */
  int bandOf(int priority) {
    for (int known : priorities) {
      if (known == priority) {
        return priority;
      }
    }
    return 0;
  }
}
