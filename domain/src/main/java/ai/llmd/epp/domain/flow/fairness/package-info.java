/** Which flow of a priority band is next. */
@NullMarked
package ai.llmd.epp.domain.flow.fairness;

import org.jspecify.annotations.NullMarked;
