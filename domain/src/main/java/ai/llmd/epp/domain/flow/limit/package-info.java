/** How full the pool may be for each priority band. */
@NullMarked
package ai.llmd.epp.domain.flow.limit;

import org.jspecify.annotations.NullMarked;
