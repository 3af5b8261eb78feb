package ai.llmd.epp.domain.pool;

/**
 * An endpoint with its load at one instant: what filters, scorers and pickers look at.
 *
 * @param slot the endpoint's place in every per-endpoint array, kept for its life; 0 or more
 */
public record Candidate(int slot, Endpoint endpoint, EndpointLoad load) {}
