package ai.llmd.epp.application.port.in;

import ai.llmd.epp.domain.prefix.PrefixBlocks;
import ai.llmd.epp.domain.prefix.PrefixCacheIndex;
import java.util.function.BooleanSupplier;

/**
 * The one thread that writes prefix indexes. Tasks are executed in the order in which they are
 * handed over; any thread may hand over, and never waits.
 */
public interface IndexWriter {

  /**
   * Records blocks for an endpoint.
   *
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

  /** Runs something on the writer's thread, behind what was handed over before. */
  void run(Runnable work);

  /** Blocks that wait to be recorded; too many are dropped. */
  int waitingBlocks();

  /** Bound on the blocks that wait. */
  int maxWaitingBlocks();
}
