package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.util.function.BooleanSupplier;

/** Writes indexes at once, on the thread that asks: for tests with one thread. */
public final class DirectIndexWriter implements IndexWriter {

  @Override
  public void record(
      PrefixCacheIndex index,
      int slot,
      PrefixBlocks blocks,
      int capacity,
      BooleanSupplier isWanted) {
    if (isWanted.getAsBoolean()) {
      index.record(slot, blocks, capacity);
    }
  }

  @Override
  public void forget(PrefixCacheIndex index, int slot, Runnable released) {
    index.forget(slot);
    released.run();
  }

  @Override
  public void run(Runnable work) {
    work.run();
  }

  @Override
  public int waitingBlocks() {
    return 0;
  }

  @Override
  public int maxWaitingBlocks() {
    return Integer.MAX_VALUE;
  }
}
