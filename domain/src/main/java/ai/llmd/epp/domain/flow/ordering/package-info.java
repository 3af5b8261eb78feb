/** Which request of a flow is next. */
@NullMarked
package ai.llmd.epp.domain.flow.ordering;

import org.jspecify.annotations.NullMarked;
