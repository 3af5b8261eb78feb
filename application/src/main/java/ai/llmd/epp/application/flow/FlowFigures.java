package ai.llmd.epp.application.flow;

import ai.llmd.epp.domain.flow.FlowQueues.Fill;
import ai.llmd.epp.domain.flow.PoolStages;
import ai.llmd.epp.domain.flow.QueueLoad;
import java.util.List;
import java.util.Map;

/**
 * Flow control at one moment.
 *
 * @param stages how full the pool is
 * @param bands how full the queues are, the highest priority first
 * @param elsewhere what other replicas have queued, by priority
 * @param requests that wait in all bands
 * @param maxRequests how many may; 0 is without a limit
 * @param bytes of their bodies
 * @param maxBytes how large they may be; 0 is without a limit
 * @param detector name of the saturation detector
 * @param staleEndpoints endpoints that count as full because their samples are too old; -1 when the
 *     detector needs none
 * @param reclaimTarget saturation that was to be freed by the last evictions
 * @param pendingReclaim saturation that evicted requests have still to free
 */
public record FlowFigures(
    PoolStages stages,
    List<Fill> bands,
    Map<Integer, QueueLoad> elsewhere,
    long requests,
    long maxRequests,
    long bytes,
    long maxBytes,
    String detector,
    int staleEndpoints,
    double reclaimTarget,
    double pendingReclaim) {

  public FlowFigures {
    bands = List.copyOf(bands);
    elsewhere = Map.copyOf(elsewhere);
  }

  /** What all replicas have queued in a band of this one. */
  public QueueLoad everywhere(Fill band) {
    return new QueueLoad(band.requests(), band.bytes())
        .plus(elsewhere.getOrDefault(band.priority(), QueueLoad.NONE));
  }
}
