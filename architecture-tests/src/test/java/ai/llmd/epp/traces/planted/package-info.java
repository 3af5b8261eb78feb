/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.traces.planted;

import org.jspecify.annotations.NullMarked;
