/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.configuration.planted;

import org.jspecify.annotations.NullMarked;
