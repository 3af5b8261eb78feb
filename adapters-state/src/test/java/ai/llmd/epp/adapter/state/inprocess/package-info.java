/** Tests of the store for pickers that run in one process. */
@NullMarked
package ai.llmd.epp.adapter.state.inprocess;

import org.jspecify.annotations.NullMarked;
