/** Rules that choose among candidates by their weighted sums. */
@NullMarked
package ai.llmd.epp.domain.scheduling.picker;

import org.jspecify.annotations.NullMarked;
