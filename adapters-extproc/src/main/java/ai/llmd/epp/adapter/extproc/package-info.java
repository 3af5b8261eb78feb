/** Envoy's conversation: one state machine for one HTTP request. */
@NullMarked
package ai.llmd.epp.adapter.extproc;

import org.jspecify.annotations.NullMarked;
