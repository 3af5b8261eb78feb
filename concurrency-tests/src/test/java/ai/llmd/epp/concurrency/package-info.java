/**
 * Runs lock-free code of other rooms in many orders of its steps. The tests themselves are in the
 * packages of what they test.
 */
@NullMarked
package ai.llmd.epp.concurrency;

import org.jspecify.annotations.NullMarked;
