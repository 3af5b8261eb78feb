/**
 * How replicas share what they learn, over any {@code ReplicationLog}: {@link
 * ai.llmd.epp.replication.Replicator} puts the parts together. docs/replication.md describes the
 * protocol.
 */
@NullMarked
package ai.llmd.epp.replication;

import org.jspecify.annotations.NullMarked;
