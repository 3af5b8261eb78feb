package ai.llmd.epp.domain.state;

import ai.llmd.epp.domain.pool.EndpointState;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What one plugin knows of the caches of model servers by their own events, in pieces from which
 * another replica can go on. Any thread.
 */
public interface EngineCaches {

  /** Most bytes of a piece. */
  int MAX_PIECE_BYTES = 128 << 10;

  /**
   * What is known of an endpoint, in pieces to be taken in this order; none when there is nothing
   * to go on from, or it is too much. Completes in a moment.
   */
  CompletableFuture<List<byte[]>> pieces(EndpointState endpoint);

  /**
   * Takes a piece that a peer has put into the store: nothing about its bytes is trusted. The last
   * one has its effect, if all before it came.
   */
  void take(EndpointState endpoint, byte[] piece);

  /** Whether everything that was taken had its effect, and nothing is being replayed. */
  boolean isSettled();
}
