/** The shared state in this process alone: one replica, nothing to tell, nothing to lose. */
@NullMarked
package ai.llmd.epp.adapter.state.memory;

import org.jspecify.annotations.NullMarked;
