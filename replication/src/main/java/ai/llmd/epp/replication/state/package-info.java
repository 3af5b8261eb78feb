/**
 * The state of this replica as batches address it: by an endpoint's identity and generation, since
 * slots and incarnations differ from replica to replica.
 */
@NullMarked
package ai.llmd.epp.replication.state;

import org.jspecify.annotations.NullMarked;
