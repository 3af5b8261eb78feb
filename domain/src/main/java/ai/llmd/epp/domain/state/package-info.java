/** The state that replicas will share, in one place. */
@NullMarked
package ai.llmd.epp.domain.state;

import org.jspecify.annotations.NullMarked;
