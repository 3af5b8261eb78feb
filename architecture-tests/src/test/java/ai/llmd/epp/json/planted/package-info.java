/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.json.planted;

import org.jspecify.annotations.NullMarked;
