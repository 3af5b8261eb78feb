package ai.llmd.epp.domain.latency;

import ai.llmd.epp.domain.pool.EndpointId;

/** Receives what this replica observes, for other replicas. Any thread; cheap. */
@FunctionalInterface
public interface ObservationListener {

  /** Ignores them. */
  ObservationListener NONE = (producer, endpoint, observation) -> {};

  /**
   * A request took some time.
   *
   * @param producer instance name of the plugin that learns from it
   * @param endpoint a member of the pool
   */
  void observed(String producer, EndpointId endpoint, StampedObservation observation);
}
