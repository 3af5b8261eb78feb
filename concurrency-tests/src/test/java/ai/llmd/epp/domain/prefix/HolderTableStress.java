package ai.llmd.epp.domain.prefix;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * One writer and one reader of a holder table, in the memory order of the processor and the JIT.
 */
public final class HolderTableStress {

  private static final long KEY = 5; // keys as small as these share a home: one run of cells
  private static final int SLOT = 1;
  private static final int WIDE_SLOT = 64;

  private HolderTableStress() {}

  private static HolderTable table() {
    return new HolderTable(new ByteBudget(1 << 20));
  }

  private static int[] counted(HolderTable table, long key) {
    int[] counters = new int[8];
    table.count(key, counters);
    return counters;
  }

  /** The number of blocks is published after the block. */
  @JCStressTest
  @State
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "before")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "between")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "after")
  @Outcome(expect = Expect.FORBIDDEN, desc = "counted and not found, or with a strange holder")
  public static class SizeFollowsBlock {

    private final HolderTable table = table();

    @Actor
    public void writer() {
      table.hold(KEY, SLOT);
    }

    @Actor
    public void reader(II_Result seen) {
      seen.r1 = table.size();
      seen.r2 = counted(table, KEY)[SLOT];
    }
  }

  /** Blocks become visible in the order in which they were recorded. */
  @JCStressTest
  @State
  @Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "before")
  @Outcome(id = "0, 1", expect = Expect.ACCEPTABLE, desc = "between")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "after")
  @Outcome(expect = Expect.FORBIDDEN, desc = "the later one without the earlier one")
  public static class BlocksAppearInOrder {

    private final HolderTable table = table();

    @Actor
    public void writer() {
      table.hold(KEY, SLOT);
      table.hold(KEY + 1, SLOT);
    }

    @Actor
    public void reader(II_Result seen) {
      seen.r1 = counted(table, KEY + 1)[SLOT];
      seen.r2 = counted(table, KEY)[SLOT];
    }
  }

  /** A larger array is published after the blocks were copied to it. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "before")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "after")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a block that stays is missed")
  public static class BlocksStayWhileTheTableGrows {

    private static final int FULL = 6;

    private final HolderTable table = table();

    public BlocksStayWhileTheTableGrows() {
      for (int i = 0; i < FULL; i++) {
        table.hold(KEY + i, SLOT);
      }
    }

    @Actor
    public void writer() {
      table.hold(KEY + FULL, SLOT);
    }

    @Actor
    public void reader(II_Result seen) {
      seen.r1 = counted(table, KEY)[SLOT];
      seen.r2 = counted(table, KEY + FULL)[SLOT];
    }
  }

  /** A row is filled before its number replaces the lanes. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = Expect.ACCEPTABLE, desc = "before")
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "after")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a holder that stays is missed or counted twice")
  public static class HoldersStayWhenLanesBecomeARow {

    private static final int LANES = 4;

    private final HolderTable table = table();

    public HoldersStayWhenLanesBecomeARow() {
      for (int i = 0; i < LANES; i++) {
        table.hold(KEY, SLOT + i);
      }
    }

    @Actor
    public void writer() {
      table.hold(KEY, SLOT + LANES);
    }

    @Actor
    public void reader(II_Result seen) {
      int[] counted = counted(table, KEY);
      seen.r1 = counted[SLOT];
      seen.r2 = counted[SLOT + LANES];
    }
  }

  /** Wider rows are published after the narrow ones were copied to them. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "both stay")
  @Outcome(expect = Expect.FORBIDDEN, desc = "a holder that stays is missed or counted twice")
  public static class HoldersStayWhileRowsWiden {

    private static final int HOLDERS = 5;

    private final HolderTable table = table();

    public HoldersStayWhileRowsWiden() {
      for (int i = 0; i < HOLDERS; i++) {
        table.hold(KEY, SLOT + i);
      }
    }

    @Actor
    public void writer() {
      table.hold(KEY, WIDE_SLOT);
    }

    @Actor
    public void reader(II_Result seen) {
      int[] counted = counted(table, KEY);
      seen.r1 = counted[SLOT];
      seen.r2 = counted[SLOT + HOLDERS - 1];
    }
  }
}
