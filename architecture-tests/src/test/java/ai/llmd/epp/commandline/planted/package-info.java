/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.commandline.planted;

import org.jspecify.annotations.NullMarked;
