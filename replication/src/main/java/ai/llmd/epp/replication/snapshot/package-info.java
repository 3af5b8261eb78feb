/** Snapshots: when one is written, what is in it, and how it is read. */
@NullMarked
package ai.llmd.epp.replication.snapshot;

import org.jspecify.annotations.NullMarked;
