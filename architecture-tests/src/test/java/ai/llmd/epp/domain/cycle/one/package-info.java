/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.domain.cycle.one;

import org.jspecify.annotations.NullMarked;
