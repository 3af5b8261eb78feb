package ai.llmd.epp.domain.prefix;

import static ai.llmd.epp.concurrency.Interleavings.explore;
import static ai.llmd.epp.concurrency.Interleavings.require;
import static ai.llmd.epp.concurrency.Interleavings.shared;
import static ai.llmd.epp.concurrency.Interleavings.together;

import org.junit.jupiter.api.Test;

/** One writer, and readers that count holders at the same time. */
class HolderTableRaceTest {

  private static final long KEY = 5; // keys as small as these share a home: one run of cells
  private static final int SLOT = 1;

  private static HolderTable table() {
    return shared(new HolderTable(new ByteBudget(1 << 20)));
  }

  private static int[] counted(HolderTable table, long key) {
    int[] counters = new int[8];
    table.count(key, counters);
    return counters;
  }

  @Test
  void readerFindsWhatStaysWhileTheTableGrows() {
    explore(
        () -> {
          HolderTable table = table();
          for (long key = KEY; key < KEY + 6; key++) {
            table.hold(key, SLOT);
          }
          together(
              () -> table.hold(KEY + 6, SLOT), // three quarters are full
              () -> require(counted(table, KEY)[SLOT] == 1, "the first block has its holder"));
        });
  }

  @Test
  void readerFindsAHolderThatStaysWhileOthersJoin() {
    explore(
        () -> {
          HolderTable table = table();
          for (int slot = SLOT; slot < SLOT + 4; slot++) {
            table.hold(KEY, slot);
          }
          together(
              () -> table.hold(KEY, SLOT + 4), // the fifth: lanes become a row
              () -> {
                int[] counters = counted(table, KEY);
                require(counters[SLOT] == 1, "the first holder is counted once");
                require(counters[SLOT + 4] <= 1, "the new one at most once");
              });
        });
  }

  @Test
  void readerFindsAHolderThatStaysWhileRowsWiden() {
    explore(
        () -> {
          HolderTable table = table();
          for (int slot = SLOT; slot < SLOT + 5; slot++) {
            table.hold(KEY, slot);
          }
          together(
              () -> table.hold(KEY, 64),
              () -> require(counted(table, KEY)[SLOT] == 1, "the first holder is counted once"));
        });
  }

  @Test
  void readerCountsNoSlotTwiceAndEndsWhileCellsMove() {
    explore(
        () -> {
          HolderTable table = table();
          for (long key = KEY; key < KEY + 3; key++) {
            table.hold(key, SLOT);
          }
          together(
              () -> {
                table.release(KEY, SLOT); // the cells behind it move up
                table.hold(KEY + 3, SLOT + 1);
              },
              () -> {
                int[] counters = counted(table, KEY + 2);
                require(counters[SLOT] <= 1, "its holder is counted once at most");
                require(counters[SLOT + 1] <= 1, "and so is a neighbour's");
              });
          require(counted(table, KEY + 2)[SLOT] == 1, "afterwards it is found");
        });
  }

  @Test
  void readerCountsNoSlotTwiceAndEndsWhileARowChangesHands() {
    explore(
        () -> {
          HolderTable table = table();
          for (int slot = SLOT; slot < SLOT + 5; slot++) {
            table.hold(KEY, slot);
          }
          for (int slot = SLOT; slot < SLOT + 4; slot++) {
            table.hold(KEY + 1, slot);
            table.release(KEY, slot);
          }
          together(
              () -> {
                table.release(KEY, SLOT + 4); // the last: the row is free
                table.hold(KEY + 1, SLOT + 4); // and taken by its neighbour
              },
              () -> {
                for (int count : counted(table, KEY)) {
                  require(count <= 1, "no slot is counted twice");
                }
              });
        });
  }
}
