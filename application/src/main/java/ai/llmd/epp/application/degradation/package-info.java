/** Which step of the ladder of degradation a replica is on. */
@NullMarked
package ai.llmd.epp.application.degradation;

import org.jspecify.annotations.NullMarked;
