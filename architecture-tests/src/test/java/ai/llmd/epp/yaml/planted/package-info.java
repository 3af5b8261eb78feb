/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.yaml.planted;

import org.jspecify.annotations.NullMarked;
