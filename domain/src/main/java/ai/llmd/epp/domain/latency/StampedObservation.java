package ai.llmd.epp.domain.latency;

/**
 * An observation, and which of all it is.
 *
 * @param writer the replica that made it
 * @param number rises with each observation of the writer on the same endpoint
 */
public record StampedObservation(long writer, long number, LatencyObservation observation) {}
