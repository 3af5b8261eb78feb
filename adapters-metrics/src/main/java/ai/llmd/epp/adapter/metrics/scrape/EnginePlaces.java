package ai.llmd.epp.adapter.metrics.scrape;

import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The places of the engines that one series was taken of, on one page. Finds one by a few steps
 * however many there are, in whatever order a page has them. One event loop owns it.
 */
final class EnginePlaces {

  private static final int FEW = 16;

  /** Of so many slots at most one in two is taken. */
  private static final int SLOTS = 2 * Samples.MAX_ENGINES;

  private static final long PLACE_MASK = 0xFFFF_FFFFL;
  private static final long[] NONE = {};

  /** So that no page can have its engines meet in few slots. */
  private static final long SEED = ThreadLocalRandom.current().nextLong();

  private long[] engines = new long[1]; // by place
  private int count;
  private long[] slots = NONE; // the round and the place; of another round: free
  private long round = 1;

  /** The place of an engine; -1 when it has none. */
  int of(long engine) {
    if (count > FEW) {
      return (int) (slots[slotOf(engine)] & PLACE_MASK) - 1;
    }
    for (int place = 0; place < count; place++) {
      if (engines[place] == engine) {
        return place;
      }
    }
    return -1;
  }

  int count() {
    return count;
  }

  /** Gives an engine that has none the next place. */
  void add(long engine) {
    if (count == engines.length) {
      engines = Arrays.copyOf(engines, Math.min(Samples.MAX_ENGINES, 2 * count));
    }
    engines[count++] = engine;
    if (count == FEW + 1) {
      round++;
      slots = slots.length == 0 ? new long[SLOTS] : slots;
      for (int place = 0; place < count; place++) {
        occupy(place);
      }
    } else if (count > FEW) {
      occupy(count - 1);
    }
  }

  private void occupy(int place) {
    slots[slotOf(engines[place])] = round << 32 | (place + 1);
  }

  /** The slot of an engine, or the free one that it would have, whose place is then 0. */
  private int slotOf(long engine) {
    long mixed = (engine ^ SEED) * 0x9E3779B97F4A7C15L;
    int slot = (int) (mixed >>> 32) & (SLOTS - 1);
    while (slots[slot] >>> 32 == round) {
      if (engines[(int) (slots[slot] & PLACE_MASK) - 1] == engine) {
        return slot;
      }
      slot = (slot + 1) & (SLOTS - 1);
    }
    slots[slot] = 0;
    return slot;
  }

  /** A new page, or one that is worth more, begins. */
  void clear() {
    count = 0;
  }
}
