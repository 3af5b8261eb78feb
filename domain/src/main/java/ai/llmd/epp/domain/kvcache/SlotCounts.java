package ai.llmd.epp.domain.kvcache;

import java.util.Arrays;

/** A number for each slot. One thread. */
final class SlotCounts {

  private long[] bySlot = {};

  long get(int slot) {
    return slot < bySlot.length ? bySlot[slot] : 0;
  }

  void add(int slot, int more) {
    if (slot >= bySlot.length) {
      bySlot = Arrays.copyOf(bySlot, Math.max(slot + 1, 2 * bySlot.length));
    }
    bySlot[slot] += more;
  }
}
