/** From local changes to appended batches: entries, the outbox, and the thread that appends. */
@NullMarked
package ai.llmd.epp.replication.send;

import org.jspecify.annotations.NullMarked;
