/** Violations that the rules must find. */
@NullMarked
package ai.llmd.epp.domain.util;

import org.jspecify.annotations.NullMarked;
