/** Whether a pool should take no more sheddable work. */
@NullMarked
package ai.llmd.epp.domain.saturation;

import org.jspecify.annotations.NullMarked;
