package ai.llmd.epp.application.burst;

import ai.llmd.epp.domain.pool.Candidates;
import ai.llmd.epp.domain.prefix.PrefixBlocks;
import java.util.concurrent.CompletableFuture;

/**
 * A request of a batch.
 *
 * @param assigned the slot of its endpoint, when the batch is over; {@link #NONE} for no endpoint
 */
record BurstEntry(PrefixBlocks blocks, Candidates candidates, CompletableFuture<Integer> assigned) {

  static final int NONE = -1;

  BurstEntry(PrefixBlocks blocks, Candidates candidates) {
    this(blocks, candidates, new CompletableFuture<>());
  }
}
