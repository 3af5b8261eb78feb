/**
 * The wire format: one batch is a header and a list of entries. {@link BatchKind} has the grammar.
 */
@NullMarked
package ai.llmd.epp.replication.batch;

import org.jspecify.annotations.NullMarked;
