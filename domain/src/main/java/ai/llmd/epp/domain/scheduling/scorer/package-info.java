/** Rules that say how good each candidate is, from 0 to 1. */
@NullMarked
package ai.llmd.epp.domain.scheduling.scorer;

import org.jspecify.annotations.NullMarked;
