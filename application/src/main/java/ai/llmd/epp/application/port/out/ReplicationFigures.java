package ai.llmd.epp.application.port.out;

/**
 * How much was sent and received, for metrics.
 *
 * @param replicas peers that are alive
 * @param backlogBytes what the store does not have yet
 * @param droppedBatches own batches dropped from a full backlog before the store had them
 * @param lostBatches peers' batches that no peer could retransmit
 * @param appliedEntries peers' entries applied here
 * @param isWarm whether this replica has caught up with what its peers knew at the start
 */
public record ReplicationFigures(
    int replicas,
    long backlogBytes,
    long droppedBatches,
    long lostBatches,
    long appliedEntries,
    boolean isWarm) {}
