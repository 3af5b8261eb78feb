/**
 * Runs whatever reads bytes of others with any bytes. The targets that need to see more than is
 * public are in the packages of what they test.
 */
@NullMarked
package ai.llmd.epp.fuzz;

import org.jspecify.annotations.NullMarked;
