package ai.llmd.epp.replication.state;

import ai.llmd.epp.domain.pool.EndpointId;

/**
 * An endpoint between joining and leaving the pool. Entries about one life do not apply to the
 * next, whose caches are empty.
 *
 * @param generation 0 for the first life that replicas know of, one more after each removal
 */
public record EndpointLife(EndpointId id, long generation) {}
