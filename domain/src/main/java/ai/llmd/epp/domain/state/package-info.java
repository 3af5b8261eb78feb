/** The state that replicas share, in one place. */
@NullMarked
package ai.llmd.epp.domain.state;

import org.jspecify.annotations.NullMarked;
