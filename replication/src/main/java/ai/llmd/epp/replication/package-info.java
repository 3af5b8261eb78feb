/** What replicas tell one another of what they learn, over any {@code ReplicationLog}. */
@NullMarked
package ai.llmd.epp.replication;

import org.jspecify.annotations.NullMarked;
