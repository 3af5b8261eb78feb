package ai.llmd.epp.replication;

import ai.llmd.epp.domain.pool.EndpointId;

/**
 * An endpoint between coming and going. What was learned of one life says nothing about the next,
 * whose caches are empty.
 *
 * @param generation 0 for the first life that replicas know of, one more after each removal
 */
record EndpointLife(EndpointId id, long generation) {}
