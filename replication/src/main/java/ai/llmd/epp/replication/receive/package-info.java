/**
 * From the log to shared state: the reader's thread, applying batches, and repairing what was
 * missed.
 */
@NullMarked
package ai.llmd.epp.replication.receive;

import org.jspecify.annotations.NullMarked;
