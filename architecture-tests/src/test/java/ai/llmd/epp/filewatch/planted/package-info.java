/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.filewatch.planted;

import org.jspecify.annotations.NullMarked;
