package ai.llmd.epp.application.port.out;

/**
 * How much is said and heard, for metrics.
 *
 * @param replicas others that are alive
 * @param backlogBytes what the store does not have yet
 * @param droppedBatches dropped before the store had them, since too many waited
 * @param lostBatches of others, which nobody could say again
 * @param appliedEntries of others, which count here
 * @param isWarm whether all is known here that others knew at the start
 */
public record ReplicationFigures(
    int replicas,
    long backlogBytes,
    long droppedBatches,
    long lostBatches,
    long appliedEntries,
    boolean isWarm) {}
