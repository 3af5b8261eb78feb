/**
 * A gateway's side of the protocol, without a gateway: the program exercises itself by it before it
 * is ready, and its distribution is trained by it.
 */
@NullMarked
package ai.llmd.epp.adapter.extproc.rehearsal;

import org.jspecify.annotations.NullMarked;
