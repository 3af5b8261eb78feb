/** No store: state lives in this process alone. */
@NullMarked
package ai.llmd.epp.adapter.state.memory;

import org.jspecify.annotations.NullMarked;
