/**
 * The integration cases of the reference that this version covers, against the whole program. The
 * tests bear the cases' ids; without Kubernetes there are no objectives, so priorities are 0.
 */
@NullMarked
package ai.llmd.epp.acceptance.scenario;

import org.jspecify.annotations.NullMarked;
