/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.domain.planted;

import org.jspecify.annotations.NullMarked;
