/** Rules that say whether a request is prefilled or encoded on endpoints of its own. */
@NullMarked
package ai.llmd.epp.domain.scheduling.decider;

import org.jspecify.annotations.NullMarked;
