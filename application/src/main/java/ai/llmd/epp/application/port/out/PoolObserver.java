package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.pool.EndpointState;

/**
 * Receives endpoints that come, change and go, in order, one call at a time. An endpoint's slot is
 * given to another only after every observer has released it.
 */
public interface PoolObserver {

  default void added(EndpointState endpoint) {}

  /** The endpoint's description changed, perhaps its address; slot and id are the same. */
  default void changed(EndpointState endpoint) {}

  /**
   * The endpoint is gone.
   *
   * @param released run it, on any thread, once nothing is kept for the slot any more
   */
  default void removed(EndpointState endpoint, Runnable released) {
    released.run();
  }
}
