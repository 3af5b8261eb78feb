package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.util.function.BooleanSupplier;

/**
 * Writes prefix indexes, one thread at a time. Tasks are executed in the order in which they are
 * handed over; any thread may hand over, and never waits for another one.
 */
public interface IndexWriter {

  /**
   * Records blocks for an endpoint: before this returns, unless other work is being done.
   *
   * @param blocks one at least
   * @param capacity blocks that the endpoint may hold
   * @param isWanted evaluated just before; false when the endpoint has gone
   */
  void record(
      PrefixCacheIndex index,
      int slot,
      PrefixBlocks blocks,
      int capacity,
      BooleanSupplier isWanted);

  /**
   * Forgets a slot.
   *
   * @param released run afterwards, whatever happened
   */
  void forget(PrefixCacheIndex index, int slot, Runnable released);

  /** Runs something that may write, behind what was handed over before, on a thread for it. */
  void run(Runnable work);

  /** Blocks that wait to be recorded; too many are dropped. */
  int waitingBlocks();

  /** Bound on the blocks that wait. */
  int maxWaitingBlocks();
}
