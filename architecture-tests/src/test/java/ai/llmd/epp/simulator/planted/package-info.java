/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.simulator.planted;

import org.jspecify.annotations.NullMarked;
