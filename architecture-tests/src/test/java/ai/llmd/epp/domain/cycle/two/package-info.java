/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.domain.cycle.two;

import org.jspecify.annotations.NullMarked;
