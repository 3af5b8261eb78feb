/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.sidecar.planted;

import org.jspecify.annotations.NullMarked;
