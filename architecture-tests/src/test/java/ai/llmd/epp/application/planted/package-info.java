/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.application.planted;

import org.jspecify.annotations.NullMarked;
