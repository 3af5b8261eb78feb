/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.training.planted;

import org.jspecify.annotations.NullMarked;
