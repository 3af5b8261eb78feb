/** Rules that turn requests away before they are scheduled. */
@NullMarked
package ai.llmd.epp.domain.scheduling.admitter;

import org.jspecify.annotations.NullMarked;
