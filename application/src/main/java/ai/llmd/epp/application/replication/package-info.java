/** What replicas tell one another of what they learn, over any {@code ReplicationLog}. */
@NullMarked
package ai.llmd.epp.application.replication;

import org.jspecify.annotations.NullMarked;
