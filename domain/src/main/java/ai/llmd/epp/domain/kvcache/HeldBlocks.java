package ai.llmd.epp.domain.kvcache;

import java.util.function.IntConsumer;

/*
 * An entry's meta: its holders below, above how many engine keys mean it. A block has one of the two, so that it is
 * never 0.
 */
/**
 * The blocks that are kept, by request key: who holds each, and how many engine keys mean it. One
 * thread writes; any finds and walks without waiting.
 */
final class HeldBlocks {

  private static final long ONE_MEANING = 1L << 32;

  private final BlockTable table;
  private final HolderSets sets;
  private final SlotCounts holdings = new SlotCounts();
  private long unheld; // blocks without a holder, kept because an engine key means them

  HeldBlocks(BlockTable table, HolderSets sets) {
    this.table = table;
    this.sets = sets;
  }

  /** Walks a chain, as {@link KvBlockIndex#match} describes. Any thread. */
  void match(KvLocations locations, long[] keys, int from, int to, KvMatch match) {
    MatchWalk.walk(table, sets, locations, keys, from, to, match);
  }

  /** The number of a block, or {@link BlockTable#NONE}. Any thread. */
  int find(long requestKey) {
    return table.find(requestKey);
  }

  long key(int block) {
    return table.key(block);
  }

  /** Blocks that are kept. Exact for the writer. */
  long entries() {
    return table.entries();
  }

  boolean isHeld(int block) {
    return table.holders(block) != HolderSets.NONE;
  }

  boolean isHeldBy(int block, int holder) {
    return sets.contains(table.holders(block), holder);
  }

  /** Blocks without a holder. */
  long unheld() {
    return unheld;
  }

  void forEachHolder(int block, IntConsumer visitor) {
    sets.forEach(table.holders(block), visitor);
  }

  /**
   * Gives a block a holder, if it has not that one already.
   *
   * @param known its number; with {@link BlockTable#NONE} it is a new one
   * @return its number; {@link BlockTable#NONE} when the budget is spent
   */
  int hold(int known, long requestKey, int holder) {
    if (known != BlockTable.NONE) {
      return addHolder(known, holder) ? known : BlockTable.NONE;
    }
    int block = table.insert(requestKey);
    if (block != BlockTable.NONE) {
      table.meta(block, holder);
      holdings.add(HolderSets.slot(holder), 1);
    }
    return block;
  }

  /** Gives a block a holder; false when the budget is spent. */
  boolean addHolder(int block, int holder) {
    int before = table.holders(block);
    if (sets.contains(before, holder)) {
      return true;
    }
    int after = sets.add(before, holder);
    if (after == HolderSets.FULL) {
      return false;
    }
    table.holders(block, after);
    holdings.add(HolderSets.slot(holder), 1);
    unheld -= before == HolderSets.NONE ? 1 : 0;
    return true;
  }

  /** Takes a holder from a block, which stays also without any: an engine key means it. */
  void removeHolder(int block, int holder) {
    remove(block, holder);
  }

  /** Takes a holder from a block, and forgets one that is of no use then. */
  void release(int block, int holder) {
    if (remove(block, holder)) {
      dropUnused(block);
    }
  }

  /** Takes all that a slot holds: looks at blocks until the last of them, at none without any. */
  void clear(int slot) {
    if (holdings.get(slot) > 0) {
      table.forEachWhile(
          block -> {
            int before = table.holders(block);
            int held = sets.count(before, slot);
            if (held > 0) {
              holdings.add(slot, -held);
              replace(block, sets.removeSlot(before, slot));
              dropUnused(block);
            }
            return holdings.get(slot) > 0;
          });
    }
  }

  /** Each of the first so many blocks is meant by one more engine key. */
  void mean(int[] numbers, int count) {
    for (int i = 0; i < count; i++) {
      table.meta(numbers[i], table.meta(numbers[i]) + ONE_MEANING);
    }
  }

  /** Each of the first so many blocks is meant by one engine key less. */
  void unmean(int[] numbers, int count) {
    for (int i = 0; i < count; i++) {
      table.meta(numbers[i], table.meta(numbers[i]) - ONE_MEANING);
      dropUnused(numbers[i]);
    }
  }

  private boolean remove(int block, int holder) {
    int before = table.holders(block);
    if (!sets.contains(before, holder)) {
      return false;
    }
    holdings.add(HolderSets.slot(holder), -1);
    replace(block, sets.remove(before, holder));
    return true;
  }

  /** Replaces the holders of a block by fewer. */
  private void replace(int block, int after) {
    table.holders(block, after);
    unheld += after == HolderSets.NONE ? 1 : 0;
  }

  /** Forgets a block that lost its last holder, or the last engine key that meant it. */
  private void dropUnused(int block) {
    if (table.meta(block) == 0) {
      table.remove(block);
      unheld--;
    }
  }
}
