package ai.llmd.epp.application.port.out;

import ai.llmd.epp.domain.pool.EndpointId;
import java.util.Map;

/**
 * Another replica that is alive, for people to look at.
 *
 * @param id drawn when the replica started
 * @param silentNanos how long nothing has come from it
 * @param isReady whether it has caught up with its own peers
 * @param inFlight its requests that were sent to an endpoint and are not over; endpoints without
 *     any are missing
 */
public record ReplicaPeer(
    long id, long silentNanos, boolean isReady, Map<EndpointId, Long> inFlight) {

  public ReplicaPeer {
    inFlight = Map.copyOf(inFlight);
  }
}
