package ai.llmd.epp.domain.latency;

import java.util.function.LongSupplier;

/**
 * How what is observed here reaches other replicas.
 *
 * @param producer instance name of the plugin that learns
 * @param writer this replica, by a random number
 * @param numbers each is greater than all before; any thread
 */
public record SharedObservations(
    String producer, long writer, LongSupplier numbers, ObservationListener listener) {

  /** Nothing is shared. */
  public static final SharedObservations NONE =
      new SharedObservations("", 0, () -> 0, ObservationListener.NONE);
}
