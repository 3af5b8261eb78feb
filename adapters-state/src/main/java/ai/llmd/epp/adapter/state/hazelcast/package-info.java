/** The replication log in Hazelcast: the replicas themselves are the store, or clients of one. */
@NullMarked
package ai.llmd.epp.adapter.state.hazelcast;

import org.jspecify.annotations.NullMarked;
