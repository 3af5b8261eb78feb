/** How important requests are. */
@NullMarked
package ai.llmd.epp.domain.objective;

import org.jspecify.annotations.NullMarked;
