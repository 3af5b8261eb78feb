package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.pool.EndpointState;
import ai.llmd.epp.domain.prefix.PrefixBlocks;

/** Receives the prefix blocks that this replica recorded, from one thread at a time. */
@FunctionalInterface
public interface LocalChanges {

  /** Discards them: a single replica, or a test. */
  LocalChanges NONE = (producer, endpoint, capacity, blocks, learned) -> {};

  /**
   * A request was sent to an endpoint, which now holds its blocks.
   *
   * @param producer instance name of the plugin whose index it is
   * @param capacity blocks that the endpoint may hold
   * @param blocks of the whole request
   * @param learned those of them that the endpoint did not hold before, in their order
   */
  void recorded(
      String producer, EndpointState endpoint, int capacity, PrefixBlocks blocks, long[] learned);

  /**
   * A request never arrived at its endpoint, which therefore does not hold these blocks.
   *
   * @param producer instance name of the plugin whose index it is
   * @param blocks of those that were learned by the request, what no other has used since; one at
   *     least
   */
  default void takenBack(String producer, EndpointState endpoint, long[] blocks) {}
}
